/** `parts` end to end in one array of `length` bytes; a single part is given back as it is. */
export function joinBytes<B extends ArrayBufferLike>(parts: readonly Uint8Array<B>[], length: number): Uint8Array<B | ArrayBuffer> {
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  const out = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}
