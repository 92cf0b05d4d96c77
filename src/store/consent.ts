import { hostsOf, type NamedHost } from '../document/hosts';
import type { VaneDocument } from '../document/schema';
import { appStore, setRuntime } from './app-store';

/** Hosts that the person agreed to in this tab. */
const allowedHosts = new Set<string>();

function isAllowed({ url, host }: NamedHost): boolean {
  return allowedHosts.has(URL.canParse(url) ? new URL(url).host : host);
}

/** An address that the person typed is itself the consent to its host. */
export function allowTypedSource(source: string): void {
  if (URL.canParse(source) && /^https?:/.test(source)) allowedHosts.add(new URL(source).host);
}

/** Asks for each foreign host that a document names and that was not agreed to before; all must be allowed. */
export async function consentToHosts(document: VaneDocument): Promise<boolean> {
  for (const named of hostsOf(document, location.host)) {
    if (isAllowed(named)) continue;
    const allowed = await new Promise<boolean>((resolve) => setRuntime({ consent: { ...named, resolve } }));
    setRuntime({ consent: null });
    if (!allowed) return false;
    allowedHosts.add(URL.canParse(named.url) ? new URL(named.url).host : named.host);
  }
  return true;
}

/** The person's answer to the question on screen. */
export function answerConsent(allowed: boolean): void {
  appStore.getState().runtime.consent?.resolve(allowed);
}
