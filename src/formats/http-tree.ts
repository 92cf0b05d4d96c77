import { FormatError, LimitError, SourceError } from '../core/errors';
import { LIMITS } from '../core/limits';
import type { ByteSource, FileTree, Lookup } from './byte-source';
import { CHUNK_BYTES } from './chunk-pool';
import { askHost, bodyParts, type HttpOptions, readRange, readWhole, retrying } from './http-read';

/** A folder on a host, read by Range requests. `root` ends in a slash; `suffix` is put behind each path (a query string). */
export class HttpTree implements FileTree {
  constructor(
    readonly label: string,
    private readonly root: string,
    private readonly options: HttpOptions = {},
    private readonly suffix = '',
  ) {}

  async open(path: string): Promise<Lookup<ByteSource>> {
    const url = this.root + path + this.suffix;
    const answer = await readRange(url, 0, CHUNK_BYTES, this.options);
    if (answer.kind === 'refused') return { found: null, reason: answer.reason, remedy: answer.remedy };
    if (answer.kind === 'whole') return { found: await blobSource(path, url, answer.response, this.options) };
    const sizeBytes = answer.totalBytes ?? (answer.bytes.length < CHUNK_BYTES ? answer.bytes.length : await headSize(url, this.options));
    if (sizeBytes > LIMITS.modelBytes)
      throw new LimitError(`${url}: expected at most ${LIMITS.modelBytes} bytes, got ${sizeBytes}.`, 'Take a smaller model.');
    return { found: new RangeSource(path, url, sizeBytes, answer.bytes, this.options) };
  }

  async readSmall(path: string, maxBytes: number): Promise<Lookup<Uint8Array>> {
    const answer = await readWhole(this.root + path + this.suffix, maxBytes, this.options);
    return 'bytes' in answer ? { found: answer.bytes } : { found: null, ...answer };
  }
}

class RangeSource implements ByteSource {
  private firstBytes: Uint8Array | null;

  constructor(
    readonly name: string,
    private readonly url: string,
    readonly sizeBytes: number,
    firstBytes: Uint8Array,
    private readonly options: HttpOptions,
  ) {
    this.firstBytes = firstBytes;
  }

  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    if (offset === 0 && this.firstBytes && length <= this.firstBytes.length) {
      const bytes = this.firstBytes.subarray(0, length);
      this.firstBytes = null;
      return bytes;
    }
    const answer = await readRange(this.url, offset, offset + length, { ...this.options, signal: signal ?? this.options.signal });
    if (answer.kind === 'refused') throw new SourceError(answer.reason, answer.remedy);
    if (answer.kind === 'whole') {
      await answer.response.body?.cancel();
      throw new SourceError(
        `${this.url}: expected bytes from ${offset}, got the whole file.`,
        'The host answers Range requests only sometimes: use another, or drop the file onto the page.',
      );
    }
    if (answer.totalBytes !== null && answer.totalBytes !== this.sizeBytes)
      throw new SourceError(`${this.url}: the file changed while it was read.`, 'Load it again.');
    if (answer.bytes.length !== length) {
      throw new FormatError(
        `${this.url}: expected ${length} bytes at byte ${offset}, got ${answer.bytes.length}.`,
        'The file is cut short: fetch it again.',
      );
    }
    return answer.bytes;
  }
}

/** Bytes of a Blob or File, which the browser keeps outside the page's memory. */
export class BlobSource implements ByteSource {
  constructor(
    readonly name: string,
    private readonly blob: Blob,
  ) {}

  get sizeBytes(): number {
    return this.blob.size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    try {
      return new Uint8Array(await this.blob.slice(offset, offset + length).arrayBuffer());
    } catch (error) {
      throw new SourceError(
        `${this.name}: the file could not be read (${error instanceof Error ? error.message : error}).`,
        'It may have been moved or changed: drop it again.',
      );
    }
  }
}

/** Streams a file once from a host without ranges into Blobs, which the browser may keep on disk. */
async function blobSource(path: string, url: string, first: Response, options: HttpOptions): Promise<ByteSource> {
  let response: Response | null = first;
  return retrying(url, options, async () => {
    const current: Response = response ?? (await askHost(url, {}, options));
    response = null;
    if (!current.ok) throw new TypeError('cut connection');
    const claimed = Number(current.headers.get('content-length') ?? 0);
    const encoded = current.headers.get('content-encoding') !== null;
    let blob = new Blob([]);
    let parts: Uint8Array[] = [];
    let pending = 0;
    const flush = () => {
      blob = new Blob([blob, ...(parts as Array<Uint8Array<ArrayBuffer>>)]);
      parts = [];
      pending = 0;
    };
    for await (const part of bodyParts(current, options)) {
      parts.push(part);
      pending += part.length;
      if (pending >= CHUNK_BYTES) flush();
      if (Math.max(claimed, blob.size) > LIMITS.rangelessBytes) {
        throw new LimitError(
          `${url}: expected a host that answers Range requests for files above ${LIMITS.rangelessBytes} bytes, got one that does not.`,
          'Use another host, or download the file and drop it onto the page.',
        );
      }
    }
    flush();
    if (!encoded && claimed > blob.size) throw new TypeError('cut connection');
    return new BlobSource(path, blob);
  });
}

async function headSize(url: string, options: HttpOptions): Promise<number> {
  const response = await retrying(url, options, () => askHost(url, { method: 'HEAD' }, options));
  const size = Number(response.headers.get('content-length') ?? Number.NaN);
  if (response.ok && Number.isSafeInteger(size) && size > 0) return size;
  throw new SourceError(
    `${url}: expected the file's size, got none.`,
    'The host must expose Content-Range or Content-Length to this page; or drop the file onto the page.',
  );
}
