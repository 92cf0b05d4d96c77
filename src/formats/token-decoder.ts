import { isRecord } from './json-fields';

/** How a tokenizer's decoder turns token strings into bytes. */
export interface DecoderKind {
  kind: 'byteLevel' | 'sentencePiece' | 'plain';
  /** Leading spaces that the decoder takes off the whole text. */
  strippedSpaces: number;
}

/** Reads the decoder of a tokenizer.json; the listed families use these kinds only, and null stands for any other. */
export function readDecoderKind(decoder: unknown): DecoderKind | null {
  if (decoder === null || decoder === undefined) return { kind: 'plain', strippedSpaces: 0 };
  if (!isRecord(decoder)) return null;
  if (decoder.type === 'ByteLevel') return { kind: 'byteLevel', strippedSpaces: 0 };
  const steps = decoder.type === 'Sequence' && Array.isArray(decoder.decoders) ? decoder.decoders.filter(isRecord) : [decoder];
  const types = steps.map((step) => step.type);
  if (types.length === 1 && types[0] === 'ByteLevel') return { kind: 'byteLevel', strippedSpaces: 0 };
  if (!types.includes('Replace') && !types.includes('Metaspace')) return null;
  if (types.some((type) => !['Replace', 'Metaspace', 'ByteFallback', 'Fuse', 'Strip'].includes(String(type)))) return null;
  const strip = steps.find((step) => step.type === 'Strip');
  const strippedSpaces = strip && strip.content === ' ' && typeof strip.start === 'number' ? strip.start : 0;
  return { kind: 'sentencePiece', strippedSpaces };
}

/** The bytes that a byte-level token's characters stand for. @source GPT-2's bytes_to_unicode */
const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = byteCharacters();

function byteCharacters(): Map<string, number> {
  const map = new Map<string, number>();
  let extra = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    map.set(String.fromCharCode(printable ? byte : extra++), byte);
  }
  return map;
}

/** The bytes of a byte-level token; a token with a character outside the 256 stands for its own UTF-8. */
export function byteLevelBytes(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTE_OF_CHARACTER.get(token[i] as string);
    if (byte === undefined) return new TextEncoder().encode(token);
    bytes[i] = byte;
  }
  return bytes;
}

/** The byte that a byte-fallback token such as `<0x0A>` stands for, or null. */
export function fallbackByte(token: string): number | null {
  return /^<0x[0-9A-F]{2}>$/.test(token) ? Number.parseInt(token.slice(3, 5), 16) : null;
}

/**
 * Texts of tokens whose bytes are given, such that joined they are the lossy UTF-8 decoding of all bytes.
 * A character spread over several tokens goes to its last token; bytes that are no UTF-8 become U+FFFD, one for each maximal valid part.
 */
export function splitUtf8(tokenBytes: readonly Uint8Array[]): string[] {
  const texts: string[] = [];
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (const bytes of tokenBytes) texts.push(decoder.decode(bytes, { stream: true }));
  const rest = decoder.decode();
  if (texts.length > 0) texts[texts.length - 1] += rest;
  return texts;
}
