/**
 * Base of every error that Vane raises on purpose.
 * The message reads `what: expected X, got Y.` and the remedy follows; it is shown as it is on the screen.
 */
export class VaneError extends Error {
  /** Written out in each class: a minifier renames classes, and the name crosses the worker boundary and reaches scripts. */
  override readonly name: string = 'VaneError';
  /** What the person can do now; one sentence. */
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(remedy ? `${message} ${remedy}` : message);
    this.remedy = remedy;
  }
}

/** A file, link or response that is not what its format says: names the file, the field and, where there is one, the byte offset. */
export class FormatError extends VaneError {
  override readonly name = 'FormatError';
}

/** Something within its format, but larger than the limits in `limits.ts` allow. */
export class LimitError extends VaneError {
  override readonly name = 'LimitError';
}

/** A valid model, adapter or option that this engine does not run. */
export class UnsupportedError extends VaneError {
  override readonly name = 'UnsupportedError';
}

/** An adapter, direction or intervention that does not belong to the loaded model. */
export class MismatchError extends VaneError {
  override readonly name = 'MismatchError';
}

/** A source that could not be fetched or read: names the address and the status. */
export class SourceError extends VaneError {
  override readonly name = 'SourceError';
}

/** The backend failed: a lost GPU device, a failed allocation, a dead worker. The model can be loaded again. */
export class BackendError extends VaneError {
  override readonly name = 'BackendError';
}

/** A judge that could not score, or answered out of its format. */
export class JudgeError extends VaneError {
  override readonly name = 'JudgeError';
}

/** An argument of the scripting interface outside its domain. */
export class ArgumentError extends VaneError {
  override readonly name = 'ArgumentError';
}

/** An error as plain data, so that it crosses a worker boundary and keeps its class. */
export interface PlainError {
  name: string;
  message: string;
  remedy: string;
}

const CLASSES = {
  VaneError,
  FormatError,
  LimitError,
  UnsupportedError,
  MismatchError,
  SourceError,
  BackendError,
  JudgeError,
  ArgumentError,
};

/** Flattens any thrown value to plain data. */
export function toPlainError(error: unknown): PlainError {
  if (error instanceof VaneError) return { name: error.name, message: error.message, remedy: error.remedy };
  if (error instanceof Error) return { name: error.name, message: error.message, remedy: '' };
  return { name: 'Error', message: String(error), remedy: '' };
}

/** Rebuilds an error of the right class from `toPlainError`'s output; an abort comes back as a DOMException. */
export function fromPlainError(plain: PlainError): Error {
  if (plain.name === 'AbortError') return new DOMException(plain.message, 'AbortError');
  const Class = Object.hasOwn(CLASSES, plain.name) ? CLASSES[plain.name as keyof typeof CLASSES] : undefined;
  if (!Class) return Object.assign(new Error(plain.message), { name: plain.name });
  const error = new Class(plain.message, '');
  return Object.assign(error, { remedy: plain.remedy });
}
