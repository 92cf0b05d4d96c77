import { JudgeError } from '../core/errors';
import { LIMITS } from '../core/limits';

/** The part of a Worker that pattern matching needs; tests pass another runtime's. It says `ready`, then answers one job. */
export interface PatternWorker {
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}

export interface PatternOptions {
  signal?: AbortSignal;
  /** Time for all texts together, once the worker runs. */
  timeoutMs?: number;
  createWorker?: () => PatternWorker;
}

/** Until the worker says that it is there. */
const START_TIMEOUT_MS = 30_000;

const FLAGS = /^[imsu]{0,4}$/;

/**
 * Checks a pattern before it is used.
 * @throws JudgeError when it is too long, does not parse, or carries flags other than i, m, s, u.
 */
export function checkPattern(pattern: string, flags: string): void {
  if (pattern.length === 0 || pattern.length > LIMITS.regexCharacters) {
    throw new JudgeError(
      `regular expression: expected 1 to ${LIMITS.regexCharacters} characters, got ${pattern.length}.`,
      'Shorten the pattern.',
    );
  }
  if (!FLAGS.test(flags))
    throw new JudgeError(`regular expression flags: expected some of i, m, s, u, got "${flags}".`, 'Remove the others.');
  try {
    new RegExp(pattern, flags);
  } catch (error) {
    throw new JudgeError(
      `regular expression: expected a valid pattern, got ${error instanceof Error ? error.message : 'an invalid one'}.`,
      'Correct the pattern.',
    );
  }
}

function browserWorker(): PatternWorker {
  const worker = new Worker(new URL('./pattern-worker.ts', import.meta.url), { type: 'module' });
  return worker as unknown as PatternWorker;
}

/**
 * Whether each text matches. Runs in a worker of its own, which is ended when it takes longer than `timeoutMs`: a pattern that backtracks for ever cannot hang the page.
 * Only the first `regexTextCharacters` of a text are tried.
 * @throws JudgeError for a bad pattern or one that takes too long; DOMException AbortError when cancelled.
 */
export async function matchPattern(
  pattern: string,
  flags: string,
  texts: readonly string[],
  options: PatternOptions = {},
): Promise<boolean[]> {
  checkPattern(pattern, flags);
  const { signal, timeoutMs = 2000, createWorker = browserWorker } = options;
  signal?.throwIfAborted();
  if (texts.length === 0) return [];
  const worker = createWorker();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onAbort: (() => void) | undefined;
  try {
    return await new Promise<boolean[]>((resolve, reject) => {
      const tooLong = () =>
        reject(
          new JudgeError(
            `regular expression: expected an answer within ${timeoutMs} ms, got none.`,
            'Avoid a repetition inside a repetition, such as (a+)+.',
          ),
        );
      const failed = () =>
        reject(new JudgeError('regular expression: expected a result, got a failed worker.', 'Simplify the pattern, or reload the page.'));
      timer = setTimeout(failed, START_TIMEOUT_MS);
      onAbort = () => reject(signal?.reason);
      signal?.addEventListener('abort', onAbort);
      worker.onerror = failed;
      worker.onmessage = ({ data }) => {
        if (Array.isArray(data)) return resolve(data as boolean[]);
        // The clock starts when the worker does: a slow start is not the pattern's fault.
        clearTimeout(timer);
        timer = setTimeout(tooLong, timeoutMs);
        worker.postMessage({ pattern, flags, texts: texts.map((text) => text.slice(0, LIMITS.regexTextCharacters)) });
      };
    });
  } finally {
    clearTimeout(timer);
    if (onAbort) signal?.removeEventListener('abort', onAbort);
    worker.terminate();
  }
}
