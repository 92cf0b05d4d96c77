import { describe, expect, it } from 'vitest';
import { deflateRaw, inflateRaw } from '../../src/core/compression';
import { FormatError, LimitError } from '../../src/core/errors';
import { LIMITS } from '../../src/core/limits';
import { fromBase64Url, toBase64Url } from '../../src/document/base64url';
import { decodeLink, encodeLink, isLinkFragment } from '../../src/document/link';
import { emptyDocument } from '../../src/document/schema';
import { sampleDocument } from './sample-document';

async function futureLink(version: number, head: unknown): Promise<string> {
  const json = new TextEncoder().encode(JSON.stringify(head));
  return `#v${version}.${toBase64Url(await deflateRaw(Uint8Array.of(json.length, ...json)))}`;
}

describe('encodeLink and decodeLink', () => {
  it('round-trip a full document exactly', async () => {
    const document = sampleDocument();
    const { fragment, bytes, fits } = await encodeLink(document);
    expect(fragment).toMatch(/^#v2\.[\w-]+$/);
    expect(bytes).toBe(fragment.length);
    expect(fits).toBe(true);
    expect(await decodeLink(fragment)).toEqual(document);
    expect(await decodeLink(fragment.slice(1))).toEqual(document);
  });

  it('round-trip an empty document and one without token texts', async () => {
    expect(await decodeLink((await encodeLink(emptyDocument())).fragment)).toEqual(emptyDocument());
    const document = sampleDocument(2, 2);
    if (document.recorded) delete document.recorded.tokenTexts;
    expect(await decodeLink((await encodeLink(document)).fragment)).toEqual(document);
  });

  it('keep a text that its tokens do not give', async () => {
    const document = sampleDocument(2, 2);
    const [answer] = document.recorded?.answers ?? [];
    if (answer) answer.text = 'naïve 東京 👩‍🔬 \u2028 <b>';
    expect(await decodeLink((await encodeLink(document)).fragment)).toEqual(document);
  });

  it('round scores to 0.01', async () => {
    const document = sampleDocument(1, 1);
    const [answer] = document.recorded?.answers ?? [];
    if (answer) answer.scores.alignment = 12.34567;
    const restored = await decodeLink((await encodeLink(document)).fragment);
    expect(restored.recorded?.answers[0]?.scores.alignment).toBe(12.35);
  });

  it('add at most 2 KB for one direction of 896 values', async () => {
    const document = sampleDocument();
    const without = await encodeLink({ ...document, directions: [], interventions: [] });
    const withOne = await encodeLink({ ...document, interventions: [] });
    expect(withOne.bytes - without.bytes).toBeLessThanOrEqual(2048);
  });

  it('say when a document is too long for a link', async () => {
    const document = sampleDocument(1, 1);
    const items = Array.from({ length: 400 }, (_, i) => ({
      id: `q${i}`,
      text: `${Math.sin(i)} ${Math.cos(i * i)}`.repeat(8),
      domain: null,
    }));
    const { fits, bytes } = await encodeLink({ ...document, questions: { setId: 'many', items } });
    expect(bytes > LIMITS.linkCharacters).toBe(!fits);
  });

  it('refuse to make a link that nobody could open', async () => {
    const document = sampleDocument(1, 1);
    await expect(encodeLink({ ...document, title: 'x'.repeat(5000) })).rejects.toThrow(LimitError);
    const [condition] = document.conditions;
    if (!condition) throw new Error('the sample has conditions');
    await expect(encodeLink({ ...document, conditions: [condition, condition] })).rejects.toThrow('got "base" twice');
  });
});

describe('decodeLink refuses', () => {
  it('a later version, and says what made it', async () => {
    const link = await futureLink(7, { madeBy: 'Vane 4.2.0', document: { version: 7 } });
    await expect(decodeLink(link)).rejects.toThrow(
      'link: expected version 2 or older, got version 7, made by Vane 4.2.0. Reload this page',
    );
    await expect(decodeLink('#v99.AAAA')).rejects.toThrow('got version 99, made by a newer Vane');
    await expect(decodeLink('#v3.~~~')).rejects.toThrow(FormatError);
  });

  it('a decompression bomb, early', async () => {
    const bomb = await deflateRaw(new Uint8Array(LIMITS.documentBytes * 4));
    const started = performance.now();
    await expect(decodeLink(`#v2.${toBase64Url(bomb)}`)).rejects.toThrow(LimitError);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('an overlong fragment, before decoding it', async () => {
    await expect(decodeLink(`#v2.${'A'.repeat(LIMITS.linkReadCharacters)}`)).rejects.toThrow(LimitError);
  });

  it('cut-off and foreign text', async () => {
    const { fragment } = await encodeLink(sampleDocument(2, 2));
    await expect(decodeLink(fragment.slice(0, -40))).rejects.toThrow(FormatError);
    await expect(decodeLink('#v2.')).rejects.toThrow(FormatError);
    await expect(decodeLink('#recipe')).rejects.toThrow('begin with #v2.');
    await expect(decodeLink('')).rejects.toThrow(FormatError);
    await expect(decodeLink('#v2.@@@@')).rejects.toThrow('"@" at character 0');
  });

  it('texts that grow without end', async () => {
    const document = sampleDocument(1, 1);
    const [answer] = document.recorded?.answers ?? [];
    if (!answer || !document.recorded) throw new Error('the sample has answers');
    const piece = 'x'.repeat(LIMITS.nameCharacters);
    const ids = Array.from({ length: 400 }, () => 5);
    const long = { ...answer, ids, text: piece.repeat(400) };
    const answers = Array.from({ length: 256 }, (_, sample) => ({ ...long, sample }));
    const { fragment } = await encodeLink({ ...document, recorded: { ...document.recorded, answers, tokenTexts: { 5: piece } } });
    expect(fragment.length).toBeLessThan(5000);
    await expect(decodeLink(fragment)).rejects.toThrow(LimitError);
  });
});

describe('parts', () => {
  it('isLinkFragment tells links from other fragments', () => {
    expect(isLinkFragment('#v2.abc')).toBe(true);
    expect(isLinkFragment('v12.')).toBe(true);
    expect(isLinkFragment('#answers')).toBe(false);
  });

  it('base64url and deflate invert', async () => {
    for (const length of [0, 1, 2, 3, 70_001]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 31) % 256);
      expect(fromBase64Url(toBase64Url(bytes), 'test')).toEqual(bytes);
      expect(await inflateRaw(await deflateRaw(bytes), 100_000, 'test')).toEqual(bytes);
    }
  });
});
