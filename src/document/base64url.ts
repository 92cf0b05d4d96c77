import { FormatError } from '../core/errors';

const CHUNK_BYTES = 0x8000;

/** RFC 4648 section 5 without padding: bytes as text that a URL's fragment carries unchanged. */
export function toBase64Url(bytes: Uint8Array): string {
  let binary = '';
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(start, start + CHUNK_BYTES));
  }
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Inverse of `toBase64Url`. @throws FormatError naming `what` and the first foreign character's offset. */
export function fromBase64Url(text: string, what: string): Uint8Array<ArrayBuffer> {
  const foreign = /[^\w-]/.exec(text);
  if (foreign || text.length % 4 === 1) {
    const got = foreign ? `"${foreign[0]}" at character ${foreign.index}` : `${text.length} characters`;
    throw new FormatError(`${what}: expected base64url text, got ${got}.`, 'Copy the link again, to its very end.');
  }
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
