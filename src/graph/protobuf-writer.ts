/**
 * Writes protocol-buffer wire format by appending; nested messages are passed as finished bytes.
 * Only the wire types that ONNX uses: varint (0), length-delimited (2) and 32-bit (5).
 */
export class ProtobufWriter {
  private bytes = new Uint8Array(256);
  private length = 0;

  /** A varint field; `value` is an integer within +-2^53 (negative numbers take the ten-byte form of int64). */
  integer(field: number, value: number): this {
    this.varint(BigInt(field) << 3n);
    this.varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  /** A 32-bit float field. */
  float(field: number, value: number): this {
    this.varint((BigInt(field) << 3n) | 5n);
    this.append(new Uint8Array(new Float32Array([value]).buffer));
    return this;
  }

  /** A UTF-8 string field. */
  string(field: number, text: string): this {
    return this.data(field, new TextEncoder().encode(text));
  }

  /** A nested message, taken as it stands now. */
  message(field: number, writer: ProtobufWriter): this {
    return this.data(field, writer.finish());
  }

  /** A bytes field; copies `data`. */
  data(field: number, data: Uint8Array): this {
    this.varint((BigInt(field) << 3n) | 2n);
    this.varint(BigInt(data.byteLength));
    this.append(data);
    return this;
  }

  /** The message's bytes: a view that later writes may outdate. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  private varint(value: bigint): void {
    let rest = value;
    this.reserve(10);
    while (rest > 0x7fn) {
      this.bytes[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.length++] = Number(rest);
  }

  private append(data: Uint8Array): void {
    this.reserve(data.byteLength);
    this.bytes.set(data, this.length);
    this.length += data.byteLength;
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.byteLength) return;
    const grown = new Uint8Array(Math.max(this.bytes.byteLength * 2, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}
