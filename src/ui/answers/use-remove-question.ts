import { type KeyboardEvent, useCallback } from 'react';
import { useActions, useAppStore } from '../store-context';

/**
 * Takes a question out. The focus, which goes with its row, is put on the question in its place, or on the field for one's own where none is left.
 */
export function useRemoveQuestion(): (questionId: string) => void {
  const store = useAppStore();
  const actions = useActions();
  return useCallback(
    (questionId) => {
      const at = store.getState().document.questions.items.findIndex(({ id }) => id === questionId);
      actions.removeQuestion(questionId);
      requestAnimationFrame(() => focusQuestion(at));
    },
    [actions, store],
  );
}

function focusQuestion(at: number): void {
  const headings = [...document.querySelectorAll<HTMLElement>('[data-row] :is(h2, h3)')];
  const next = headings[at] ?? headings.at(-1) ?? document.querySelector<HTMLElement>('.ask-form input');
  next?.focus();
}

/** The question that a key takes out: Delete, wherever the focus is in its row. */
export function questionToRemove({ key, target, altKey, ctrlKey, metaKey, shiftKey }: KeyboardEvent<HTMLElement>): string | null {
  if (key !== 'Delete' || altKey || ctrlKey || metaKey || shiftKey || !(target instanceof Element)) return null;
  return target.closest<HTMLElement>('[data-row]')?.dataset.row ?? null;
}
