import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { deflateRaw, inflateRaw } from '../../src/core/compression';
import { fromBase64Url, toBase64Url } from '../../src/document/base64url';
import { readDocumentFile, writeDocumentFile } from '../../src/document/document-file';
import { hostsOf } from '../../src/document/hosts';
import { decodeLink, encodeLink } from '../../src/document/link';
import { parseDocument } from '../../src/document/parse';
import { sampleDocument } from '../document/sample-document';
import { FUZZ_RUNS, FUZZ_TIMEOUT_MS, mutate, splices, survives } from './mutation';

let fragment = '';
let payload: Uint8Array<ArrayBuffer> = new Uint8Array();
let fileText = '';

beforeAll(async () => {
  const document = sampleDocument(2, 1, 16);
  fragment = (await encodeLink(document)).fragment;
  payload = await inflateRaw(fromBase64Url(fragment.slice(4), 'test'), 1e6, 'test');
  fileText = writeDocumentFile(document);
});

const anyJson = fc.jsonValue({ maxDepth: 2 });

/** Replaces the value at a random path of a parsed document. */
function replaceAt(value: unknown, path: readonly number[], replacement: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== 'object' || value === null) return replacement;
  const keys = Object.keys(value);
  if (keys.length === 0) return replacement;
  const key = keys[step % keys.length] as string;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...value };
  const slot = copy as Record<string, unknown>;
  slot[key] = replaceAt(slot[key], rest, replacement);
  return copy;
}

vi.setConfig({ testTimeout: FUZZ_TIMEOUT_MS });

describe('hostile links', () => {
  it('changed characters', async () => {
    const characters = fc.array(fc.tuple(fc.nat(), fc.string({ maxLength: 4 })), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(characters, async (changes) => {
        let text = fragment;
        for (const [at, insert] of changes) text = text.slice(0, at % text.length) + insert + text.slice((at % text.length) + 1);
        await survives(() => decodeLink(text));
      }),
      { numRuns: FUZZ_RUNS / 5 },
    );
  });

  it('changed bytes under an intact compression', async () => {
    await fc.assert(
      fc.asyncProperty(splices, async (changes) => {
        const link = `#v1.${toBase64Url(await deflateRaw(mutate(payload, changes)))}`;
        await survives(() => decodeLink(link));
      }),
      { numRuns: FUZZ_RUNS / 5 },
    );
  });

  it('changed compressed bytes', async () => {
    const compressed = fromBase64Url(fragment.slice(4), 'test');
    await fc.assert(
      fc.asyncProperty(splices, async (changes) => survives(() => decodeLink(`#v1.${toBase64Url(mutate(compressed, changes))}`))),
      { numRuns: FUZZ_RUNS / 5 },
    );
  });

  it('any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), fc.nat(3), async (text, version) => {
        await survives(() => decodeLink(text));
        await survives(() => decodeLink(`#v${version}.${text}`));
      }),
      { numRuns: FUZZ_RUNS / 10 },
    );
  });
});

describe('hostile documents', () => {
  it('changed text of a file', async () => {
    const bytes = new TextEncoder().encode(fileText);
    await fc.assert(
      fc.asyncProperty(splices, async (changes) =>
        survives(() => readDocumentFile(new TextDecoder().decode(mutate(bytes, changes)), 'fuzz.vane.json')),
      ),
      { numRuns: FUZZ_RUNS / 10 },
    );
  });

  it('any value in any field; what is accepted can be linked and has its hosts named', async () => {
    const whole: unknown = JSON.parse(fileText);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 6 }), anyJson, async (path, replacement) => {
        const value = replaceAt(whole, path, replacement);
        await survives(async () => {
          const document = parseDocument(value, 'fuzz');
          hostsOf(document, 'vane.example');
          expect(parseDocument(document, 'again')).toEqual(document);
          const link = await encodeLink(document);
          await decodeLink(link.fragment);
        });
      }),
      { numRuns: FUZZ_RUNS / 5 },
    );
  });

  it('deep nesting ends in an error, not in a stack overflow', async () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    await survives(() => readDocumentFile(deep, 'deep'));
    await survives(() => readDocumentFile(fileText.replace('"title": ', `"title": ${deep}, "other": `), 'deep'));
    await survives(() => readDocumentFile(fileText.replace('"recorded": {', `"recorded": {"answers": ${deep}, `), 'deep'));
  });
});
