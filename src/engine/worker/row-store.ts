import { SourceError } from '../../core/errors';

interface Rows {
  append(bytes: Uint8Array): number;
  read(offset: number, target: Uint8Array): void;
  dispose(): Promise<void>;
}

/**
 * Bytes that are written once, end to end, and read in small pieces without waiting: on the disk of this browser where that can be had
 * and the size is worth it, else in memory.
 */
export class RowStore {
  private constructor(private rows: Rows) {}

  static async open(expectedBytes: number): Promise<RowStore> {
    const onDisk = expectedBytes >= DISK_FROM_BYTES ? await DiskRows.create().catch(() => null) : null;
    return new RowStore(onDisk ?? new MemoryRows());
  }

  /** Appends a copy and returns where it begins. A full disk moves everything to memory. */
  append(bytes: Uint8Array): number {
    try {
      return this.rows.append(bytes);
    } catch (error) {
      if (!(this.rows instanceof DiskRows)) throw error;
      const full = this.rows;
      this.rows = full.inMemory();
      void full.dispose();
      return this.rows.append(bytes);
    }
  }

  /** Fills `target` from `offset`. */
  read(offset: number, target: Uint8Array): void {
    this.rows.read(offset, target);
  }

  dispose(): Promise<void> {
    return this.rows.dispose();
  }
}

const DISK_FROM_BYTES = 32 * 1024 * 1024;
const COPY_BYTES = 4 * 1024 * 1024;
const FOLDER = 'vane-embeddings';

class MemoryRows implements Rows {
  private readonly parts: Array<{ offset: number; bytes: Uint8Array }> = [];
  private size = 0;

  append(bytes: Uint8Array): number {
    const offset = this.size;
    this.parts.push({ offset, bytes: bytes.slice() });
    this.size += bytes.length;
    return offset;
  }

  read(offset: number, target: Uint8Array): void {
    // A read may cross from one part into the next.
    for (let done = 0; done < target.length; ) {
      const part = this.parts.findLast((candidate) => candidate.offset <= offset + done);
      if (!part) return;
      const from = offset + done - part.offset;
      const piece = part.bytes.subarray(from, from + target.length - done);
      if (piece.length === 0) return;
      target.set(piece, done);
      done += piece.length;
    }
  }

  async dispose(): Promise<void> {
    this.parts.length = 0;
  }
}

/** A file of the origin's private file system, deleted with the model; what a killed tab left is deleted by the next one. */
class DiskRows implements Rows {
  private size = 0;

  private constructor(
    private readonly folder: FileSystemDirectoryHandle,
    private readonly name: string,
    private readonly file: FileSystemSyncAccessHandle,
  ) {}

  /** @throws DOMException where the browser has no such storage or keeps it from this page. */
  static async create(): Promise<DiskRows> {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    for await (const left of folder.keys()) await folder.removeEntry(left).catch(() => undefined);
    const name = crypto.randomUUID();
    const handle = await folder.getFileHandle(name, { create: true });
    return new DiskRows(folder, name, await handle.createSyncAccessHandle());
  }

  append(bytes: Uint8Array): number {
    const offset = this.size;
    const written = this.file.write(bytes as Uint8Array<ArrayBuffer>, { at: offset });
    if (written !== bytes.length) throw new DOMException('the disk took only part of the embedding', 'QuotaExceededError');
    this.size += bytes.length;
    return offset;
  }

  /** A copy of all that was written, piece by piece. */
  inMemory(): MemoryRows {
    const rows = new MemoryRows();
    for (let offset = 0; offset < this.size; offset += COPY_BYTES) {
      const piece = new Uint8Array(Math.min(COPY_BYTES, this.size - offset));
      this.read(offset, piece);
      rows.append(piece);
    }
    return rows;
  }

  read(offset: number, target: Uint8Array): void {
    const got = this.file.read(target as Uint8Array<ArrayBuffer>, { at: offset });
    if (got !== target.length)
      throw new SourceError(`embedding on disk: expected ${target.length} bytes at byte ${offset}, got ${got}.`, 'Load the model again.');
  }

  async dispose(): Promise<void> {
    this.file.close();
    await this.folder.removeEntry(this.name).catch(() => undefined);
  }
}
