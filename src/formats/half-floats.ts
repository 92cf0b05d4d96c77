/** Every IEEE binary16 value by its bits. */
export const HALVES: Float32Array = Float32Array.from({ length: 65_536 }, (_, bits) => halfToFloat(bits));

/** The value of one IEEE binary16 number. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Little-endian binary16 to f32, exactly. */
export function decodeF16(bytes: Uint8Array): Float32Array {
  const out = new Float32Array(bytes.length >> 1);
  for (let i = 0; i < out.length; i++) out[i] = HALVES[(bytes[2 * i] as number) | ((bytes[2 * i + 1] as number) << 8)] as number;
  return out;
}

/** Little-endian bfloat16 to f32, exactly: the upper half of a binary32. */
export function decodeBF16(bytes: Uint8Array): Float32Array {
  const bits = new Uint32Array(bytes.length >> 1);
  for (let i = 0; i < bits.length; i++) bits[i] = ((bytes[2 * i] as number) << 16) | ((bytes[2 * i + 1] as number) << 24);
  return new Float32Array(bits.buffer);
}

/** Little-endian f32; a copy, so that the result is aligned and the caller's own. */
export function decodeF32(bytes: Uint8Array): Float32Array {
  const copy = new Uint8Array(bytes.length - (bytes.length % 4));
  copy.set(bytes.subarray(0, copy.length));
  return new Float32Array(copy.buffer);
}
