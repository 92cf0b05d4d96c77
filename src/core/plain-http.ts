/** Hosts that the page's own policy (`connect-src` in index.html) lets it speak plain http with, besides the one it came from. */
const PLAIN_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1']);

/**
 * Why the page may not speak with an address, or null where it may: plain http goes to this machine and to the page's own host only, for
 * anyone on the way could read it. `pageOrigin` is location.origin; without one, as outside a page, everything may be reached.
 */
export function plainHttpProblem(url: URL, pageOrigin: string | undefined): string | null {
  if (pageOrigin === undefined || url.protocol !== 'http:' || PLAIN_HOSTS.has(url.hostname) || url.origin === pageOrigin) return null;
  return `This page speaks plain http with localhost and 127.0.0.1 only: give ${url.host} an https address, or forward its port to this machine.`;
}
