/** `parts` end to end. */
export function joinFloats(parts: ReadonlyArray<ArrayLike<number>>): Float32Array<ArrayBuffer> {
  const out = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}
