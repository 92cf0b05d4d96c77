import { BackendError } from '../../core/errors';

/** Signs that the runtime itself is broken, not just one call: its memory or its device is gone. */
const FATAL = /abort\(|aborted|out of bounds|unreachable|device.{0,20}lost|lost.{0,20}device|table index|null function|memory access|OOM/i;

/** Whether only a fresh worker can go on. */
export function isFatal(error: unknown): boolean {
  if (error instanceof WebAssembly.RuntimeError) return true;
  if (error instanceof DOMException && error.name === 'AbortError') return false;
  return FATAL.test(error instanceof Error ? error.message : String(error));
}

/** Any failure of the runtime as one BackendError; an abort and Vane's own errors pass as they are. */
export function asBackendError(error: unknown, doing: string): unknown {
  if (error instanceof BackendError || (error instanceof DOMException && error.name === 'AbortError')) return error;
  const text = (error instanceof Error ? error.message : String(error)).slice(0, 400);
  return Object.assign(
    new BackendError(
      `${doing}: expected the backend to answer, got "${text}".`,
      'Load the model again, with smaller weights or the other backend.',
    ),
    { cause: error },
  );
}
