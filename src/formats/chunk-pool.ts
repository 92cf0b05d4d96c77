import { FormatError } from '../core/errors';
import type { ByteSource } from './byte-source';
import { sha256 } from './sha256';

/** Read unit of weight files: large enough for few requests, small enough to be dropped soon. */
export const CHUNK_BYTES = 4 * 1024 * 1024;
const CHUNKS_HELD = 8;
const READS_AT_ONCE = 4;
const READ_AHEAD_CHUNKS = 3;

/** A chunk in memory: its bytes are the pool's own, so they can be freed as soon as nobody copies from them. */
interface HeldChunk {
  bytes: Promise<Uint8Array>;
  readers: number;
}

/** Reads shared by all files of one load: at most `READS_AT_ONCE` running and `CHUNKS_HELD` chunks held. */
export class ChunkPool {
  private readonly held = new Map<string, HeldChunk>();
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

  /** Asks for the chunk under `key`, from memory or by `load`; a failure is reported when it is read. */
  ask(key: string, load: (signal?: AbortSignal) => Promise<Uint8Array>): HeldChunk {
    const known = this.held.get(key);
    if (known) {
      this.held.delete(key);
      this.held.set(key, known);
      return known;
    }
    const chunk = { bytes: this.limited(load), readers: 0 };
    this.held.set(key, chunk);
    chunk.bytes.catch(() => {
      if (this.held.get(key) === chunk) this.held.delete(key);
    });
    for (const [oldest, { readers }] of this.held) {
      if (this.held.size <= CHUNKS_HELD) break;
      if (readers === 0) this.drop(oldest);
    }
    return chunk;
  }

  /** Hands the chunk's bytes to `use`, which must not keep them. */
  async read<T>(key: string, load: (signal?: AbortSignal) => Promise<Uint8Array>, use: (bytes: Uint8Array) => T): Promise<T> {
    const chunk = this.ask(key, load);
    chunk.readers++;
    try {
      return use(await chunk.bytes);
    } finally {
      chunk.readers--;
    }
  }

  /** Frees every chunk that nobody reads. */
  close(): void {
    for (const [key, { readers }] of this.held) if (readers === 0) this.drop(key);
  }

  /** Frees a chunk at once where the platform can: left to the collector, a fast load leaves hundreds of megabytes lying about. */
  private drop(key: string): void {
    this.held.get(key)?.bytes.then(
      ({ buffer }) => void (buffer instanceof ArrayBuffer && buffer.transfer?.(0)),
      () => undefined,
    );
    this.held.delete(key);
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
    const out = new Uint8Array(length);
    for (let index = first; index <= last; index++) {
      const start = index * CHUNK_BYTES;
      const from = Math.max(offset, start);
      await this.readAhead(index, last, (chunk) => {
        const to = Math.min(offset + length, start + chunk.length);
        out.set(chunk.subarray(from - start, to - start), from - offset);
      });
      signal?.throwIfAborted();
    }
    return out;
  }

  /** SHA-256 over the SHA-256 of each chunk of `CHUNK_BYTES` in order; chunks not read yet are read now. */
  async digest(signal?: AbortSignal): Promise<Uint8Array> {
    const count = Math.ceil(this.sizeBytes / CHUNK_BYTES);
    const joined = new Uint8Array(count * 32);
    for (let index = 0; index < count; index++) {
      signal?.throwIfAborted();
      if (!this.digests[index]) await this.pool.read(...this.chunk(index), () => undefined);
      joined.set((await this.digests[index]) as Uint8Array, index * 32);
    }
    return sha256(joined);
  }

  /** Reads one chunk; when the reader goes forward, the next ones are asked for too. A failed read-ahead is asked for again when it is needed. */
  private readAhead(index: number, lastWanted: number, use: (bytes: Uint8Array) => void): Promise<void> {
    const reading = this.pool.read(...this.chunk(index), use);
    const forward = index === this.lastIndex || index === this.lastIndex + 1;
    this.lastIndex = index;
    const wanted = forward ? index + READ_AHEAD_CHUNKS : Math.min(lastWanted, index + READ_AHEAD_CHUNKS);
    const end = Math.min(wanted, Math.ceil(this.sizeBytes / CHUNK_BYTES) - 1);
    for (let ahead = index + 1; ahead <= end; ahead++) this.pool.ask(...this.chunk(ahead));
    return reading;
  }

  /** A chunk's key in the pool and how to load it. */
  private chunk(index: number): [string, (signal?: AbortSignal) => Promise<Uint8Array>] {
    const load = async (signal?: AbortSignal) => {
      const start = index * CHUNK_BYTES;
      const bytes = await this.inner.read(start, Math.min(CHUNK_BYTES, this.sizeBytes - start), signal);
      if (!this.digests[index]) {
        this.digests[index] = sha256(bytes);
        this.onFirstRead?.(bytes.length);
      }
      return bytes;
    };
    return [`${this.id}:${index}`, load];
  }
}
