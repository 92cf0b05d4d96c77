import { FormatError, LimitError } from '../core/errors';

const UTF16 = [
  { mark: [0xff, 0xfe], encoding: 'utf-16le' },
  { mark: [0xfe, 0xff], encoding: 'utf-16be' },
] as const;

/** Text of a file that says by a byte order mark that it is UTF-16, else of UTF-8, with or without a mark. @throws FormatError naming file, line and byte. */
export function decodeText(bytes: Uint8Array, fileName: string): string {
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new FormatError(`${fileName}: expected ${placeOfFault(bytes, encoding)}.`, 'Save it as UTF-8 and drop it again.');
  }
}

/** The beginning of a text, whatever it is in: bytes that are none, as at a cut, become replacement marks. */
export function decodeHead(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

/**
 * A file's text. @throws LimitError above `maxBytes`, before anything is read; FormatError naming file, line and byte for anything but
 * UTF-8, or UTF-16 that says so.
 */
export async function readText(file: File, maxBytes: number, remedy = 'Check that this is the file you mean.'): Promise<string> {
  if (file.size > maxBytes) throw new LimitError(`${file.name}: expected at most ${maxBytes} bytes, got ${file.size}.`, remedy);
  return decodeText(new Uint8Array(await file.arrayBuffer()), file.name);
}

function encodingOf(bytes: Uint8Array): string {
  return UTF16.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte))?.encoding ?? 'utf-8';
}

function placeOfFault(bytes: Uint8Array, encoding: string): string {
  if (encoding !== 'utf-8') return 'UTF-16 text, as its first bytes say, got other bytes';
  // Told that more follows, a decoder takes a cut-off character for the beginning of one: halving finds how far the bytes are text.
  let good = 0;
  let end = bytes.length;
  while (good < end) {
    const middle = Math.ceil((good + end) / 2);
    if (beginsUtf8(bytes.subarray(0, middle))) good = middle;
    else end = middle - 1;
  }
  const isCut = good === bytes.length;
  // The fault is where its character begins, at most three bytes before.
  while (!beginsUtf8(bytes.subarray(0, good), false)) good -= 1;
  if (isCut) return `UTF-8 text, got one that ends within a character at byte ${good}`;
  const line = bytes.subarray(0, good).reduce((lines, byte) => lines + Number(byte === 0x0a), 1);
  return `UTF-8 text, got 0x${(bytes[good] as number).toString(16)} at byte ${good}, line ${line}`;
}

function beginsUtf8(bytes: Uint8Array, more = true): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: more });
    return true;
  } catch {
    return false;
  }
}
