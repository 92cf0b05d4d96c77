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
  const steps = decoder.type === 'Sequence' && Array.isArray(decoder.decoders) ? decoder.decoders.filter(isRecord) : [decoder];
  const types = steps.map((step) => step.type);
  if (types.length === 1 && types[0] === 'ByteLevel') return { kind: 'byteLevel', strippedSpaces: 0 };
  if (!types.includes('Replace')) return null;
  if (types.some((type) => !['Replace', 'ByteFallback', 'Fuse', 'Strip'].includes(String(type)))) return null;
  const replace = steps.find((step) => step.type === 'Replace');
  if (replace?.content !== ' ' || !isRecord(replace.pattern) || replace.pattern.String !== '\u2581') return null;
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

/** Whether every character stands for a byte. */
export function isByteLevel(token: string): boolean {
  for (const character of token) if (!BYTE_OF_CHARACTER.has(character)) return false;
  return true;
}

const UTF8 = new TextEncoder();

/** The bytes of one token that is no byte-fallback token. */
export function tokenBytes(token: string, kind: DecoderKind['kind']): Uint8Array {
  if (kind === 'byteLevel' && isByteLevel(token)) return Uint8Array.from(token, (character) => BYTE_OF_CHARACTER.get(character) as number);
  return UTF8.encode(kind === 'sentencePiece' ? token.replaceAll('\u2581', ' ') : token);
}

/** The byte that a byte-fallback token such as `<0x0A>` stands for, or null. */
export function fallbackByte(token: string): number | null {
  return /^<0x[0-9A-Fa-f]{2}>$/.test(token) ? Number.parseInt(token.slice(3, 5), 16) : null;
}

/**
 * Texts of tokens, such that joined they are what the decoder makes of the whole.
 * A character spread over several tokens goes to its last token. Bytes that are no UTF-8 become U+FFFD: one for each maximal valid part
 * in byte-level vocabularies, one for each byte of a spoilt run of byte-fallback tokens in the others.
 */
export function decodeTokens(tokens: readonly string[], decoder: DecoderKind): string[] {
  const texts =
    decoder.kind === 'sentencePiece' ? decodeFallback(tokens) : splitUtf8(tokens.map((token) => tokenBytes(token, decoder.kind)));
  let strip = decoder.strippedSpaces;
  for (let i = 0; i < texts.length && strip > 0; i++) {
    const text = texts[i] as string;
    const spaces = Math.min(strip, text.length - text.replace(/^ +/, '').length);
    texts[i] = text.slice(spaces);
    strip = spaces === text.length ? strip - spaces : 0;
  }
  return texts;
}

function decodeFallback(tokens: readonly string[]): string[] {
  const texts: string[] = [];
  let run: number[] = [];
  const endRun = () => {
    if (run.length === 0) return;
    const pieces = splitUtf8(run.map((byte) => Uint8Array.of(byte)));
    texts.push(...(pieces.some((piece) => piece.includes('\ufffd')) && !isUtf8(run) ? run.map(() => '\ufffd') : pieces));
    run = [];
  };
  for (const token of tokens) {
    const byte = fallbackByte(token);
    if (byte !== null) {
      run.push(byte);
      continue;
    }
    endRun();
    texts.push(token.replaceAll('\u2581', ' '));
  }
  endRun();
  return texts;
}

function isUtf8(bytes: readonly number[]): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
    return true;
  } catch {
    return false;
  }
}

function splitUtf8(tokens: readonly Uint8Array[]): string[] {
  const texts: string[] = [];
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (const bytes of tokens) texts.push(decoder.decode(bytes, { stream: true }));
  const rest = decoder.decode();
  if (texts.length > 0) texts[texts.length - 1] += rest;
  return texts;
}
