import { LimitError, SourceError } from '../core/errors';
import { joinBytes } from '../core/join-bytes';

/** How a host is read; tests replace `fetch` and shorten the waits. */
export interface HttpOptions {
  fetch?: typeof fetch;
  signal?: AbortSignal;
  /** Attempts without any new byte before giving up. */
  attempts?: number;
  /** Wait before the second attempt, doubled for each further one. */
  retryDelayMs?: number;
  /** A connection that sends nothing for this long counts as cut. */
  stallMs?: number;
  /** Whether the host may pass a request on to another; followed unless refused. */
  redirects?: 'follow' | 'refuse';
}

/** What a host answered to a range: the bytes, or the whole file's response when it ignores ranges, or a refusal. */
export type RangeAnswer =
  | { kind: 'range'; bytes: Uint8Array; totalBytes: number | null }
  | { kind: 'whole'; response: Response }
  | { kind: 'refused'; reason: string; remedy: string };

const RETRIED_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);

class CutConnection extends Error {}

/** Reads `[start, end)` of `url`, resuming after cut connections. `end` may lie beyond the file. @throws SourceError when the host stays unreachable. */
export async function readRange(url: string, start: number, end: number, options: HttpOptions = {}): Promise<RangeAnswer> {
  const parts: Uint8Array[] = [];
  let got = 0;
  let total: number | null = null;
  return retrying(url, options, async (progress) => {
    const from = start + got;
    const response = await request(url, { Range: `bytes=${from}-${end - 1}` }, options);
    if (response.status === 200) {
      if (got > 0)
        throw new SourceError(
          `${url}: expected part of the file, got the whole.`,
          'Use a host that answers Range requests, or drop the file onto the page.',
        );
      return htmlRefusal(url, response) ?? { kind: 'whole', response };
    }
    if (response.status !== 206) return refusal(url, response);
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
    if (range && Number(range[1]) !== from) {
      throw new SourceError(
        `${url}: expected bytes from ${from}, got bytes from ${range[1]}.`,
        'The host answers Range requests wrongly: use another, or drop the file onto the page.',
      );
    }
    if (range && range[3] !== '*') {
      if (total !== null && total !== Number(range[3]))
        throw new SourceError(`${url}: the file changed while it was read.`, 'Load it again.');
      total = Number(range[3]);
    }
    const wanted = Math.min(end, total ?? end) - start;
    for await (const part of bodyParts(response, options)) {
      got += part.length;
      if (got > wanted)
        throw new SourceError(
          `${url}: expected ${wanted} bytes from byte ${start}, got more.`,
          'The host answers Range requests wrongly: use another, or drop the file onto the page.',
        );
      parts.push(part);
      progress();
    }
    const complete = got === wanted || (total === null && range !== null && got === Number(range[2]) + 1 - start);
    if (!complete && (total !== null || got === 0)) throw new CutConnection(`after ${got} of ${wanted} bytes`);
    return { kind: 'range', bytes: joinBytes(parts, got), totalBytes: total };
  });
}

/** Reads a small file whole. @throws LimitError above `maxBytes`. */
export async function readWhole(
  url: string,
  maxBytes: number,
  options: HttpOptions = {},
): Promise<{ bytes: Uint8Array } | { reason: string; remedy: string }> {
  return retrying(url, options, async () => {
    const response = await request(url, {}, options);
    if (response.status !== 200) return refusal(url, response);
    const html = htmlRefusal(url, response);
    if (html) return html;
    const parts: Uint8Array[] = [];
    let got = 0;
    const claimed = Number(response.headers.get('content-length') ?? 0);
    for await (const part of bodyParts(response, options)) {
      got += part.length;
      if (got > maxBytes || claimed > maxBytes) {
        throw new LimitError(
          `${url}: expected at most ${maxBytes} bytes, got ${Math.max(claimed, got)}.`,
          'Check that this is the file you mean.',
        );
      }
      parts.push(part);
    }
    return { bytes: joinBytes(parts, got) };
  });
}

/** The body in parts as they arrive. A stalled or cut connection throws, so that the caller's retry takes over. */
export async function* bodyParts(response: Response, options: HttpOptions): AsyncGenerator<Uint8Array> {
  if (!response.body) return;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { value, done } = await orStalled(reader.read(), options);
      if (done) return;
      yield value;
    }
  } catch (error) {
    if (isAbort(error) || !(error instanceof Error)) throw error;
    throw new CutConnection(error.message);
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** Runs `attempt` until it answers; waits longer after each failure, and starts counting again after each new byte. */
export async function retrying<T>(url: string, options: HttpOptions, attempt: (progress: () => void) => Promise<T>): Promise<T> {
  const attempts = options.attempts ?? 4;
  let failures = 0;
  let total = 0;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      return await attempt(() => {
        failures = 0;
      });
    } catch (error) {
      options.signal?.throwIfAborted();
      const retried = error instanceof CutConnection || error instanceof TypeError;
      if (!retried) throw error;
      failures++;
      total++;
      if (failures >= attempts || total >= attempts * 10) {
        throw new SourceError(
          `${url}: expected an answer, got ${error instanceof CutConnection ? `a cut connection (${error.message})` : 'no connection'} ${total} times.`,
          'Check the connection and the address; another host must also allow reading from this page (CORS).',
        );
      }
      await wait((options.retryDelayMs ?? 400) * 2 ** (failures - 1), options.signal);
    }
  }
}

async function request(url: string, headers: Record<string, string>, options: HttpOptions): Promise<Response> {
  const response = await orStalled(askHost(url, { headers }, options), options);
  if (!RETRIED_STATUS.has(response.status)) return response;
  await response.body?.cancel();
  throw new CutConnection(`status ${response.status}`);
}

/** One request, without cookies; a redirect that is refused comes back as what it is, and no other host is asked. */
export function askHost(url: string, init: RequestInit, options: HttpOptions): Promise<Response> {
  const redirect = options.redirects === 'refuse' ? 'manual' : 'follow';
  return (options.fetch ?? fetch)(url, { ...init, signal: options.signal, credentials: 'omit', redirect });
}

function isRedirect({ type, status }: Response): boolean {
  return type === 'opaqueredirect' || (status >= 301 && status <= 308 && status !== 304);
}

/** Where a redirect leads, as far as it can be known: a browser keeps it from the page. */
function redirectedTo(url: string, response: Response): string {
  const location = response.headers.get('location');
  return location !== null && URL.canParse(location, url) ? new URL(location, url).host : 'another address';
}

/** What a refusing status means to the person who gave the address; who agreed to one host has not agreed to where it leads. */
function refusal(url: string, response: Response): { kind: 'refused'; reason: string; remedy: string } {
  response.body?.cancel().catch(() => undefined);
  if (isRedirect(response)) {
    const reason = `${url}: expected the file, got a redirect to ${redirectedTo(url, response)}.`;
    return { kind: 'refused', reason, remedy: 'Give the address that it leads to, or download the file and drop it onto the page.' };
  }
  const reason = `${url}: expected the file, got status ${response.status}.`;
  if (response.status === 401 || response.status === 403) {
    return { kind: 'refused', reason, remedy: 'The host wants a login, or there is no such file: download it and drop it onto the page.' };
  }
  if (response.status === 404 || response.status === 410) return { kind: 'refused', reason, remedy: 'Check the spelling of the address.' };
  return { kind: 'refused', reason, remedy: 'The host does not serve this file: download it and drop it onto the page.' };
}

function htmlRefusal(url: string, response: Response): { kind: 'refused'; reason: string; remedy: string } | null {
  if (!(response.headers.get('content-type') ?? '').includes('text/html')) return null;
  response.body?.cancel().catch(() => undefined);
  return {
    kind: 'refused',
    reason: `${url}: expected the file, got an HTML page.`,
    remedy: 'Use the address of the file or folder itself, not of a page about it.',
  };
}

async function orStalled<T>(promise: Promise<T>, options: HttpOptions): Promise<T> {
  const stallMs = options.stallMs ?? 30_000;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stalled = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CutConnection(`nothing for ${stallMs} ms`)), stallMs);
  });
  try {
    return await Promise.race([promise, stalled]);
  } finally {
    clearTimeout(timer);
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
