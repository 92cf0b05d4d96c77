import { FormatError, LimitError, UnsupportedError } from '../core/errors';
import { LIMITS } from '../core/limits';
import { shown } from './json-fields';

/** A metadata value: integers above 2^53 stay bigint, arrays hold one kind of scalar. */
export type GgufValue = number | bigint | boolean | string | GgufArray;
export type GgufArray = string[] | boolean[] | bigint[] | Float32Array | Float64Array | Int32Array;

export interface GgufTensor {
  name: string;
  /** Row-major: ggml's dimensions in reverse. */
  shape: number[];
  typeId: number;
  /** Where the table states it, for messages. */
  headerOffset: number;
  /** From the start of the tensor data. */
  dataOffset: number;
}

export interface GgufHeader {
  metadata: Map<string, { value: GgufValue; offset: number }>;
  tensors: GgufTensor[];
  /** The file's byte at which the tensor data starts. */
  dataStart: number;
  alignment: number;
}

const FETCH_AGAIN = 'The file is damaged or no GGUF: fetch it again.';
const SCALAR_BYTES: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const STRING = 8;
const ARRAY = 9;
/** The shortest key-value pair and tensor entry, which bound what a file of a size can hold. */
const MIN_PAIR_BYTES = 13;
const MIN_TENSOR_BYTES = 24;

/** Thrown when `bytes` end before the header does and the file goes on. */
class NeedMore extends Error {}

/**
 * Parses a GGUF header from the file's first bytes.
 * @returns 'more' when the header goes on beyond `bytes`, of a file of `fileBytes`.
 * @throws FormatError, LimitError naming field and byte offset; UnsupportedError for a version that is not 2 or 3.
 */
export function parseGgufHeader(bytes: Uint8Array, fileBytes: number, file: string): GgufHeader | 'more' {
  try {
    return new HeaderParser(bytes, fileBytes, file).parse();
  } catch (error) {
    if (error instanceof NeedMore) return 'more';
    throw error;
  }
}

class HeaderParser {
  private readonly view: DataView;
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private position = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly fileBytes: number,
    private readonly file: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  parse(): GgufHeader {
    this.checkMagic();
    const tensorCount = this.count('tensor count', LIMITS.tensorCount, MIN_TENSOR_BYTES);
    const pairCount = this.count('metadata count', LIMITS.ggufMetadataCount, MIN_PAIR_BYTES);
    const metadata = new Map<string, { value: GgufValue; offset: number }>();
    for (let i = 0; i < pairCount; i++) {
      const offset = this.position;
      const key = this.string('metadata key', LIMITS.ggufKeyBytes);
      if (metadata.has(key)) throw this.damaged(`metadata "${shown(key)}"`, offset, 'once', 'twice');
      metadata.set(key, { value: this.value(key), offset });
    }
    const tensors: GgufTensor[] = [];
    const names = new Set<string>();
    for (let i = 0; i < tensorCount; i++) {
      const tensor = this.tensor();
      if (names.has(tensor.name)) throw this.damaged(`tensor "${shown(tensor.name)}"`, tensor.headerOffset, 'once', 'twice');
      names.add(tensor.name);
      tensors.push(tensor);
    }
    const alignment = metadata.get('general.alignment')?.value ?? 32;
    if (typeof alignment !== 'number' || alignment < 1 || alignment > 65_536 || (alignment & (alignment - 1)) !== 0) {
      throw this.damaged(
        'metadata "general.alignment"',
        metadata.get('general.alignment')?.offset ?? 0,
        'a power of two up to 65536',
        shown(alignment),
      );
    }
    const dataStart = Math.ceil(this.position / alignment) * alignment;
    return { metadata, tensors, dataStart, alignment };
  }

  private checkMagic(): void {
    const magic = this.fileBytes < 24 ? '' : String.fromCharCode(...this.take(4));
    if (magic !== 'GGUF') {
      const what = /^\s*<[!hH?]/.test(magic)
        ? 'an HTML page'
        : magic === ''
          ? `a file of ${this.fileBytes} bytes`
          : magic.startsWith('PK')
            ? 'a ZIP archive'
            : magic === 'vers'
              ? 'a Git LFS pointer'
              : 'other bytes';
      throw new FormatError(`${this.file}: expected "GGUF" at byte 0, got ${what}.`, FETCH_AGAIN);
    }
    const version = this.view.getUint32(this.skip(4), true);
    if (version !== 2 && version !== 3) {
      const what = version === 0x03000000 || version === 0x02000000 ? 'a big-endian file' : `version ${version}`;
      throw new UnsupportedError(
        `${this.file}: version at byte 4: expected 2 or 3, got ${what}.`,
        'Convert the model with a current llama.cpp.',
      );
    }
  }

  private tensor(): GgufTensor {
    const headerOffset = this.position;
    const name = this.string('tensor name', LIMITS.ggufKeyBytes);
    const dimensionOffset = this.skip(4);
    const dimensions = this.view.getUint32(dimensionOffset, true);
    if (dimensions < 1 || dimensions > 4)
      throw this.damaged(`tensor "${shown(name)}" dimensions`, dimensionOffset, '1 to 4', String(dimensions));
    const shape: number[] = [];
    let elements = 1;
    for (let i = 0; i < dimensions; i++) {
      const offset = this.skip(8);
      const size = this.view.getBigUint64(offset, true);
      elements *= Number(size);
      if (size < 1n || elements > Number.MAX_SAFE_INTEGER)
        throw this.damaged(`tensor "${shown(name)}" dimension ${i}`, offset, 'a size that a file can hold', String(size));
      shape.unshift(Number(size));
    }
    const typeId = this.view.getUint32(this.skip(4), true);
    const offset = this.skip(8);
    const dataOffset = this.view.getBigUint64(offset, true);
    if (dataOffset > BigInt(this.fileBytes))
      throw this.damaged(`tensor "${shown(name)}" offset`, offset, `at most the file's ${this.fileBytes} bytes`, String(dataOffset));
    return { name, shape, typeId, headerOffset, dataOffset: Number(dataOffset) };
  }

  private value(key: string): GgufValue {
    const offset = this.skip(4);
    const type = this.view.getUint32(offset, true);
    if (type === STRING) return this.string(`metadata "${shown(key)}"`, LIMITS.ggufStringBytes);
    if (type === ARRAY) return this.array(key);
    if (!(type in SCALAR_BYTES)) throw this.damaged(`metadata "${shown(key)}" type`, offset, '0 to 12', String(type));
    return this.scalar(type, `metadata "${shown(key)}"`);
  }

  private array(key: string): GgufArray {
    const what = `metadata "${shown(key)}"`;
    const typeOffset = this.skip(4);
    const type = this.view.getUint32(typeOffset, true);
    const itemBytes = type === STRING ? 8 : SCALAR_BYTES[type];
    if (itemBytes === undefined) throw this.damaged(`${what} item type`, typeOffset, 'a scalar or text', String(type));
    const length = this.count(`${what} length`, LIMITS.ggufArrayLength, itemBytes);
    if (type === STRING) {
      const items: string[] = [];
      for (let i = 0; i < length; i++) items.push(this.string(`${what} item ${i}`, LIMITS.ggufStringBytes));
      return items;
    }
    const start = this.skip(length * itemBytes);
    const read = (i: number) => this.scalarAt(type, start + i * itemBytes);
    if (type === 7) return Array.from({ length }, (_, i) => read(i) !== 0 && read(i) !== false);
    if (type === 10 || type === 11) return Array.from({ length }, (_, i) => BigInt(read(i) as bigint | number));
    if (type === 6) return Float32Array.from({ length }, (_, i) => read(i) as number);
    if (type === 12 || type === 4) return Float64Array.from({ length }, (_, i) => read(i) as number);
    return Int32Array.from({ length }, (_, i) => read(i) as number);
  }

  private scalar(type: number, what: string): number | bigint | boolean {
    const start = this.skip(SCALAR_BYTES[type] as number);
    const value = this.scalarAt(type, start);
    if (typeof value === 'boolean' && (this.bytes[start] as number) > 1)
      throw this.damaged(what, start, '0 or 1', String(this.bytes[start]));
    return value;
  }

  private scalarAt(type: number, at: number): number | bigint | boolean {
    const { view } = this;
    if (type === 0) return view.getUint8(at);
    if (type === 1) return view.getInt8(at);
    if (type === 2) return view.getUint16(at, true);
    if (type === 3) return view.getInt16(at, true);
    if (type === 4) return view.getUint32(at, true);
    if (type === 5) return view.getInt32(at, true);
    if (type === 6) return view.getFloat32(at, true);
    if (type === 7) return view.getUint8(at) !== 0;
    if (type === 12) return view.getFloat64(at, true);
    const wide = type === 10 ? view.getBigUint64(at, true) : view.getBigInt64(at, true);
    return wide >= BigInt(Number.MIN_SAFE_INTEGER) && wide <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wide) : wide;
  }

  /** A u64 count of items that take at least `itemBytes` each. */
  private count(what: string, limit: number, itemBytes: number): number {
    const offset = this.skip(8);
    const count = this.view.getBigUint64(offset, true);
    if (count > BigInt(limit))
      throw new LimitError(`${this.file}: ${what} at byte ${offset}: expected at most ${limit}, got ${count}.`, FETCH_AGAIN);
    if (Number(count) * itemBytes > this.fileBytes - this.position)
      throw this.damaged(what, offset, `what the file's ${this.fileBytes} bytes can hold`, String(count));
    return Number(count);
  }

  private string(what: string, limit: number): string {
    const offset = this.skip(8);
    const length = this.view.getBigUint64(offset, true);
    if (length > BigInt(limit))
      throw new LimitError(`${this.file}: ${what} at byte ${offset}: expected at most ${limit} bytes of text, got ${length}.`, FETCH_AGAIN);
    return this.decoder.decode(this.take(Number(length)));
  }

  private take(length: number): Uint8Array {
    const start = this.skip(length);
    return this.bytes.subarray(start, start + length);
  }

  /** Steps over `length` bytes and gives their offset. */
  private skip(length: number): number {
    const start = this.position;
    const end = start + length;
    if (end > this.fileBytes)
      throw new FormatError(
        `${this.file}: header: expected ${length} bytes at byte ${start}, got the end of the file at byte ${this.fileBytes}.`,
        'The file is cut short: fetch it again.',
      );
    if (end > LIMITS.ggufHeaderBytes)
      throw new LimitError(`${this.file}: header: expected at most ${LIMITS.ggufHeaderBytes} bytes, got more.`, FETCH_AGAIN);
    if (end > this.bytes.length) throw new NeedMore();
    this.position = end;
    return start;
  }

  private damaged(what: string, offset: number, expected: string, got: string): FormatError {
    return new FormatError(`${this.file}: ${what} at byte ${offset}: expected ${expected}, got ${got}.`, FETCH_AGAIN);
  }
}
