import { sha256, toHex } from '../formats/sha256';

/** SHA-256 of a text's UTF-8 bytes, as 64 hexadecimal digits. */
export async function sha256Hex(text: string): Promise<string> {
  return toHex(await sha256(new TextEncoder().encode(text)));
}
