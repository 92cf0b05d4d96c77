import { FormatError } from '../core/errors';

/** Appends little-endian numbers and LEB128 varints to a growing buffer. */
export class ByteWriter {
  private buffer = new Uint8Array(1024);
  private length = 0;

  private reserve(count: number): number {
    const start = this.length;
    this.length += count;
    if (this.length > this.buffer.length) {
      const grown = new Uint8Array(Math.max(this.length, this.buffer.length * 2));
      grown.set(this.buffer);
      this.buffer = grown;
    }
    return start;
  }

  byte(value: number): void {
    const at = this.reserve(1);
    this.buffer[at] = value;
  }

  /** A non-negative safe integer, seven bits a byte, lowest first. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  uint16(value: number): void {
    const at = this.reserve(2);
    new DataView(this.buffer.buffer).setUint16(at, value, true);
  }

  float32(value: number): void {
    const at = this.reserve(4);
    new DataView(this.buffer.buffer).setFloat32(at, value, true);
  }

  bytes(values: Uint8Array): void {
    const at = this.reserve(values.length);
    this.buffer.set(values, at);
  }

  /** A copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length);
  }
}

/** Reads what `ByteWriter` wrote. Every method throws FormatError, naming the byte offset, when the bytes end too early. */
export class ByteReader {
  private offset = 0;
  private readonly view: DataView;

  constructor(
    private readonly source: Uint8Array,
    private readonly what: string,
  ) {
    this.view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.source.length - this.offset;
  }

  private take(count: number, field: string): number {
    const start = this.offset;
    if (count > this.remaining) this.fail(field, `${count} bytes`, `${this.remaining}`);
    this.offset += count;
    return start;
  }

  /** Throws the reader's FormatError for a field at the current offset. */
  fail(field: string, expected: string, got: string): never {
    throw new FormatError(
      `${this.what}, ${field} at byte ${this.offset}: expected ${expected}, got ${got}.`,
      'The data is cut off or damaged: ask for it again.',
    );
  }

  byte(field: string): number {
    return this.view.getUint8(this.take(1, field));
  }

  varint(field: string): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 7; i++) {
      const byte = this.byte(field);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    return this.fail(field, 'a varint of at most 7 bytes', 'a longer one');
  }

  /** A varint that must not exceed `most`; for counts and indices. */
  varintUpTo(field: string, most: number): number {
    const value = this.varint(field);
    if (value > most) this.fail(field, `at most ${most}`, `${value}`);
    return value;
  }

  uint16(field: string): number {
    return this.view.getUint16(this.take(2, field), true);
  }

  float32(field: string): number {
    return this.view.getFloat32(this.take(4, field), true);
  }

  /** A view, not a copy. */
  bytes(count: number, field: string): Uint8Array {
    const start = this.take(count, field);
    return this.source.subarray(start, start + count);
  }
}
