import { hostOf, hostsOf, hostsOfJudge, type NamedHost } from '../document/hosts';
import type { VaneDocument } from '../document/schema';
import { appStore, setRuntime } from './app-store';

/** What the person agreed to in this tab: a host, and whether it gets files asked of it or questions and answers sent to it. */
const allowed = new Set<string>();

function consentKey({ host, receivesAnswers }: NamedHost): string {
  return `${receivesAnswers ? 'answers to' : 'files from'} ${host}`;
}

/** An address that the person typed is itself the consent to its host, for the use it was typed for. */
export function allowTyped(source: string, receivesAnswers = false): void {
  for (const named of hostOf(source, '', receivesAnswers)) allowed.add(consentKey(named));
}

/** The same for an address that the document does not name yet: what it names came perhaps with a link, and nobody typed it. */
export function allowUnlessNamed(source: string): void {
  const { model, judge } = appStore.getState().document;
  if (source !== model.source && !(judge.kind === 'chat' && judge.source === source)) allowTyped(source);
}

/**
 * Asks for each foreign host that a document names and each use of it that was not agreed to before; all must be allowed.
 * A question that is open already is declined: the newest asks. @throws DOMException AbortError when the signal fires.
 */
export function consentToHosts(document: VaneDocument, signal?: AbortSignal): Promise<boolean> {
  return consentToAll(hostsOf(document, location.host), signal);
}

/** The same for what a judge alone names. */
export function consentToJudge(judge: VaneDocument['judge'], signal?: AbortSignal): Promise<boolean> {
  return consentToAll(hostsOfJudge(judge, location.host), signal);
}

async function consentToAll(hosts: readonly NamedHost[], signal?: AbortSignal): Promise<boolean> {
  for (const named of hosts) {
    const key = consentKey(named);
    if (allowed.has(key)) continue;
    signal?.throwIfAborted();
    answerConsent(false);
    const agreed = await new Promise<boolean>((resolve) => {
      setRuntime({ consent: { ...named, resolve } });
      const decline = () => {
        if (appStore.getState().runtime.consent?.resolve === resolve) answerConsent(false);
      };
      signal?.addEventListener('abort', decline, { once: true });
    });
    signal?.throwIfAborted();
    if (!agreed) return false;
    allowed.add(key);
  }
  return true;
}

/** The person's answer to the question on screen, which goes with it. */
export function answerConsent(agreed: boolean): void {
  const { consent } = appStore.getState().runtime;
  if (!consent) return;
  setRuntime({ consent: null });
  consent.resolve(agreed);
}
