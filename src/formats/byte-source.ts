import { SourceError } from '../core/errors';

/** Bytes that can be read at any offset without holding the whole. */
export interface ByteSource {
  /** File name for messages. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Exactly `length` bytes from `offset`, in a buffer that is the caller's own. @throws SourceError when they cannot be had. */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
}

/** A file that was looked for: what was found, or why it is not there and what to do. */
export type Lookup<T> = { found: T } | { found: null; reason: string; remedy: string };

/** A folder, wherever it is: on a host, on the hub or dropped onto the page. */
export interface FileTree {
  /** What the person gave, for messages. */
  readonly label: string;
  /** Opens a file for reading at any offset. */
  open(path: string): Promise<Lookup<ByteSource>>;
  /** Reads a small file whole. @throws LimitError above `maxBytes`. */
  readSmall(path: string, maxBytes: number): Promise<Lookup<Uint8Array>>;
}

/** @throws SourceError with the reason when the file is not there. */
export function required<T>(lookup: Lookup<T>): T {
  if ('reason' in lookup) throw new SourceError(lookup.reason, lookup.remedy);
  return lookup.found;
}
