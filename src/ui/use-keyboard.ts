import { useEffect } from 'react';
import { focusTokens } from './answers/token-walk';
import { leaveField } from './parts/leave-field';
import { PHONE_QUERY } from './parts/use-media';
import { useActions, useAppStore } from './store-context';

const TEXT_TYPES = new Set(['text', 'url', 'password', 'search', 'email', 'number']);

/** True where letters are typed or chosen, so that single keys must not act. */
function takesLetters(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return TEXT_TYPES.has(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/** The keys that work anywhere on the page; the slider and the tokens have theirs on themselves. */
export function useKeyboard(): void {
  const store = useAppStore();
  const actions = useActions();
  useEffect(() => {
    const moveQuestion = (by: number) => {
      const { document, session } = store.getState();
      const last = document.questions.items.length - 1;
      actions.setSession({ questionIndex: Math.max(0, Math.min(last, session.questionIndex + by)) });
    };
    const moveIntervention = (by: number) => {
      const { document, session } = store.getState();
      const { interventions } = document;
      if (interventions.length === 0) return;
      const at = interventions.findIndex(({ id }) => id === session.activeInterventionId);
      const next = interventions[(Math.max(0, at) + by + interventions.length) % interventions.length];
      actions.setSession({ openStep: 4, activeInterventionId: next?.id ?? null });
    };
    const letters: Record<string, () => void> = {
      j: () => moveQuestion(1),
      k: () => moveQuestion(-1),
      '[': () => moveIntervention(-1),
      ']': () => moveIntervention(1),
      t: focusTokens,
      p: () => actions.setSession({ kiosk: !store.getState().session.kiosk }),
      b: () => actions.setSession({ bypass: true }),
      '?': () => actions.setSession({ dialog: 'keys' }),
    };

    const onKeyDown = (event: KeyboardEvent) => {
      const { session, runtime } = store.getState();
      const inDialog = document.querySelector('dialog[open]') !== null;
      const command = event.ctrlKey || event.metaKey;
      if (command && event.key === 'Enter') {
        event.preventDefault();
        void actions.runAll();
        return;
      }
      if (command && !event.altKey && event.key.toLowerCase() === 'z' && !takesLetters(event.target)) {
        event.preventDefault();
        if (event.shiftKey) actions.redo();
        else actions.undo();
        return;
      }
      if (inDialog) return;
      if (event.altKey && !command && /^Digit[1-5]$/.test(event.code)) {
        event.preventDefault();
        leaveField(document.body);
        const step = Number(event.code.slice(5)) as 1 | 2 | 3 | 4 | 5;
        actions.setSession({ openStep: step, kiosk: false });
        requestAnimationFrame(() => document.getElementById(`step-${step}`)?.focus());
        return;
      }
      if (event.key === 'Escape') {
        // Escape closes what is open first; only then does it stop work.
        const closes = event.target instanceof HTMLSelectElement || document.querySelector(':popover-open') !== null;
        if (closes) return;
        // Work goes on in the full view, where a second press cancels it.
        if (session.kiosk && !matchMedia(PHONE_QUERY).matches) actions.setSession({ kiosk: false });
        else runtime.tasks.at(-1)?.cancel();
        return;
      }
      if (command || event.altKey || event.repeat || !session.singleKeysEnabled || takesLetters(event.target)) return;
      const act = letters[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      act();
    };
    const endBypass = () => {
      if (store.getState().session.bypass) actions.setSession({ bypass: false });
    };
    const onKeyUp = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'b') endBypass();
    };
    document.addEventListener('keydown', onKeyDown);
    document.addEventListener('keyup', onKeyUp);
    window.addEventListener('blur', endBypass);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
      document.removeEventListener('keyup', onKeyUp);
      window.removeEventListener('blur', endBypass);
    };
  }, [store, actions]);
}
