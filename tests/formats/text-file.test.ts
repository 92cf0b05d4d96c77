import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/core/errors';
import { decodeHead, decodeText, readText } from '../../src/formats/text-file';
import { readRows } from '../../src/store/row-reading';

const utf8 = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string, littleEndian: boolean) => {
  const bytes = new DataView(new ArrayBuffer(2 * text.length + 2));
  bytes.setUint16(0, 0xfeff, littleEndian);
  for (let i = 0; i < text.length; i++) bytes.setUint16(2 * i + 2, text.charCodeAt(i), littleEndian);
  return new Uint8Array(bytes.buffer);
};

describe('decodeText', () => {
  it('reads UTF-8 with and without a mark, and UTF-16 that has one', () => {
    const text = 'Où, 東京, 👩‍🔬\n';
    expect(decodeText(utf8(text), 'a.csv')).toBe(text);
    expect(decodeText(utf8(`\ufeff${text}`), 'a.csv')).toBe(text);
    expect(decodeText(utf16(text, true), 'a.csv')).toBe(text);
    expect(decodeText(utf16(text, false), 'a.csv')).toBe(text);
    expect(decodeText(new Uint8Array(), 'a.csv')).toBe('');
    expect(decodeText(utf8('a \ufffd b'), 'a.csv')).toBe('a \ufffd b');
  });

  it('refuses Latin-1 with file, line and byte instead of taking it for other letters', () => {
    const latin1 = Uint8Array.from('question\nO\u00f9 vas-tu ?\n', (char) => char.charCodeAt(0));
    expect(() => decodeText(latin1, 'latin1.csv')).toThrow(
      'latin1.csv: expected UTF-8 text, got 0xf9 at byte 10, line 2. Save it as UTF-8 and drop it again.',
    );
    expect(() => decodeText(utf8('東').subarray(0, 2), 'cut.txt')).toThrow('ends within a character at byte 0');
    expect(() => decodeText(Uint8Array.of(0xff, 0xfe, 0x00, 0xd8), 'half.txt')).toThrow(FormatError);
  });

  it('takes the beginning of a file as it is', () => {
    expect(decodeHead(utf8('a東').subarray(0, 2))).toBe('a\ufffd');
    expect(decodeHead(utf16('question', true))).toBe('question');
  });
});

it('a row file in Latin-1 is refused by name, one in UTF-16 is read', async () => {
  const csv = 'question,positive,negative\nCaf\u00e9?,Oui.,Non.\n';
  const latin1 = new File([Uint8Array.from(csv, (char) => char.charCodeAt(0))], 'pairs.csv');
  await expect(readRows(latin1)).rejects.toThrow('pairs.csv: expected UTF-8 text, got 0xe9');
  expect((await readRows(new File([utf16(csv, true)], 'pairs.csv'))).pairs[0]?.question).toBe('Caf\u00e9?');
  expect(await readText(new File([csv], 'pairs.csv'), 100)).toBe(csv);
  await expect(readText(new File([csv], 'pairs.csv'), 10)).rejects.toThrow('pairs.csv: expected at most 10 bytes');
});
