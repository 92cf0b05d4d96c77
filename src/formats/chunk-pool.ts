import { FormatError } from '../core/errors';
import type { ByteSource } from './byte-source';
import { sha256 } from './sha256';

/** Read unit of weight files: large enough for few requests, small enough to be dropped soon. */
export const CHUNK_BYTES = 4 * 1024 * 1024;
const CHUNKS_HELD = 10;
const READS_AT_ONCE = 4;
const READ_AHEAD_CHUNKS = 3;

/** Reads shared by all files of one load: at most `READS_AT_ONCE` running and `CHUNKS_HELD` chunks held. */
export class ChunkPool {
  private readonly held = new Map<string, Promise<Uint8Array>>();
  private running = 0;
  private readonly waiting: Array<() => void> = [];
  private sources = 0;
  private readonly signal: AbortSignal | undefined;

  constructor(signal?: AbortSignal) {
    this.signal = signal;
  }

  /** Wraps a source so that reads go through the pool. `onFirstRead` is told each chunk's size the first time it arrives. */
  wrap(source: ByteSource, onFirstRead?: (sizeBytes: number) => void): ChunkedSource {
    return new ChunkedSource(source, this, this.sources++, onFirstRead);
  }

  /** The chunk under `key`, from memory or by `load`. */
  chunk(key: string, load: (signal?: AbortSignal) => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.held.get(key);
    if (known) {
      this.held.delete(key);
      this.held.set(key, known);
      return known;
    }
    const loading = this.limited(load);
    this.held.set(key, loading);
    loading.catch(() => {
      if (this.held.get(key) === loading) this.held.delete(key);
    });
    for (const oldest of this.held.keys()) {
      if (this.held.size <= CHUNKS_HELD) break;
      this.held.delete(oldest);
    }
    return loading;
  }

  private async limited(load: (signal?: AbortSignal) => Promise<Uint8Array>): Promise<Uint8Array> {
    if (this.running >= READS_AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.running++;
    try {
      this.signal?.throwIfAborted();
      return await load(this.signal);
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }
}

/** A file read in chunks of `CHUNK_BYTES`, several at once with read-ahead, each chunk hashed as it first arrives. */
export class ChunkedSource implements ByteSource {
  readonly name: string;
  readonly sizeBytes: number;
  private readonly digests: Array<Promise<Uint8Array> | undefined> = [];
  private lastIndex = -1;

  constructor(
    private readonly inner: ByteSource,
    private readonly pool: ChunkPool,
    private readonly id: number,
    private readonly onFirstRead?: (sizeBytes: number) => void,
  ) {
    this.name = inner.name;
    this.sizeBytes = inner.sizeBytes;
  }

  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0 || offset + length > this.sizeBytes) {
      throw new FormatError(
        `${this.name}: expected ${length} bytes at byte ${offset}, got the end of the file at byte ${this.sizeBytes}.`,
        'The file is cut short: fetch it again.',
      );
    }
    signal?.throwIfAborted();
    if (length === 0) return new Uint8Array(0);
    const first = Math.floor(offset / CHUNK_BYTES);
    const last = Math.floor((offset + length - 1) / CHUNK_BYTES);
    if (first === last) {
      const chunk = await this.readAhead(first, last);
      signal?.throwIfAborted();
      return chunk.subarray(offset - first * CHUNK_BYTES, offset - first * CHUNK_BYTES + length);
    }
    const out = new Uint8Array(length);
    for (let index = first; index <= last; index++) {
      const chunk = await this.readAhead(index, last);
      signal?.throwIfAborted();
      const start = index * CHUNK_BYTES;
      const from = Math.max(offset, start);
      const to = Math.min(offset + length, start + chunk.length);
      out.set(chunk.subarray(from - start, to - start), from - offset);
    }
    return out;
  }

  /** SHA-256 over the SHA-256 of each chunk of `CHUNK_BYTES` in order; chunks not read yet are read now. */
  async digest(signal?: AbortSignal): Promise<Uint8Array> {
    const count = Math.ceil(this.sizeBytes / CHUNK_BYTES);
    const joined = new Uint8Array(count * 32);
    for (let index = 0; index < count; index++) {
      signal?.throwIfAborted();
      if (!this.digests[index]) await this.chunk(index);
      joined.set((await this.digests[index]) as Uint8Array, index * 32);
    }
    return sha256(joined);
  }

  /** One chunk; when the reader goes forward, the next ones are asked for too. A failed read-ahead is asked for again when it is needed. */
  private readAhead(index: number, lastWanted: number): Promise<Uint8Array> {
    const chunk = this.chunk(index);
    const forward = index === this.lastIndex || index === this.lastIndex + 1;
    this.lastIndex = index;
    const wanted = forward ? index + READ_AHEAD_CHUNKS : Math.min(lastWanted, index + READ_AHEAD_CHUNKS);
    const end = Math.min(wanted, Math.ceil(this.sizeBytes / CHUNK_BYTES) - 1);
    for (let ahead = index + 1; ahead <= end; ahead++) this.chunk(ahead).catch(() => undefined);
    return chunk;
  }

  private chunk(index: number): Promise<Uint8Array> {
    return this.pool.chunk(`${this.id}:${index}`, async (signal) => {
      const start = index * CHUNK_BYTES;
      const bytes = await this.inner.read(start, Math.min(CHUNK_BYTES, this.sizeBytes - start), signal);
      if (!this.digests[index]) {
        this.digests[index] = sha256(bytes);
        this.onFirstRead?.(bytes.length);
      }
      return bytes;
    });
  }
}
