import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { writeControlVector } from '../../src/formats/control-vector';
import { readDirectionFile } from '../../src/formats/direction-file';
import { writeDirectionNpz } from '../../src/formats/npz';
import { readRowFile } from '../../src/formats/row-file';
import { writeDirectionSafetensors } from '../../src/formats/safetensors-writer';
import { sampleDirection } from '../document/sample-document';
import { FUZZ_RUNS, FUZZ_TIMEOUT_MS, mutate, splices, survives } from './mutation';

const DIRECTIONS = [sampleDirection(5, 1), { ...sampleDirection(5, 2), hookPoint: 'blocks.3.hook_resid_post' }];

const ROWS = [
  [
    'rows.jsonl',
    '{"question":"q","positive":"a","negative":"b"}\n{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"label":"bad"}\n',
  ],
  ['rows.json', '[{"question":"q","positive":"a","negative":"b"}, {"question":"r"}]'],
  ['rows.csv', 'question,positive,negative\r\n"q, ""1""",a,b\r\n"two\nlines",c,d\r\n'],
  ['rows.yaml', 'pairs:\n  - question: q\n    positive: >-\n      a\n    negative: "b"\n  - &x {question: r, answer: *x, label: [1]}\n'],
] as const;

vi.setConfig({ testTimeout: FUZZ_TIMEOUT_MS });

describe('hostile direction files', () => {
  it.each([
    ['safetensors', writeDirectionSafetensors(DIRECTIONS)],
    ['npz', writeDirectionNpz(DIRECTIONS)],
    ['gguf', writeControlVector(DIRECTIONS, 'qwen2')],
  ] as const)('%s with changed bytes', async (name, bytes) => {
    await fc.assert(
      fc.asyncProperty(splices, (changes) =>
        survives(async () => {
          const { directions } = await readDirectionFile(new Blob([mutate(bytes, changes)]), `fuzz.${name}`, 'blocks.0.hook_resid_post');
          for (const direction of directions) expect(direction.values.every(Number.isFinite)).toBe(true);
        }),
      ),
      { numRuns: FUZZ_RUNS / 5 },
    );
  });

  it('cut off at every byte', async () => {
    for (const bytes of [writeDirectionSafetensors(DIRECTIONS), writeDirectionNpz(DIRECTIONS), writeControlVector(DIRECTIONS, 'qwen2')]) {
      // GGUF ends with up to 31 bytes of padding, which nobody misses.
      for (let end = 0; end < bytes.length - 32; end += 7) {
        await expect(readDirectionFile(new Blob([bytes.slice(0, end)]), 'cut', 'hook_embed')).rejects.toThrow(/^cut/);
      }
    }
  });
});

describe('hostile row files', () => {
  it.each(ROWS)('%s with changed bytes', async (name, text) => {
    const bytes = new TextEncoder().encode(text);
    await fc.assert(
      fc.asyncProperty(splices, (changes) => survives(() => readRowFile(new TextDecoder().decode(mutate(bytes, changes)), name))),
      { numRuns: FUZZ_RUNS / 10 },
    );
  });

  it('any text under any ending', async () => {
    const endings = fc.constantFrom('jsonl', 'json', 'csv', 'tsv', 'yaml', 'yml', 'txt', '');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), endings, (text, ending) =>
        survives(() => readRowFile(text, `any.${ending}`)),
      ),
      { numRuns: FUZZ_RUNS / 10 },
    );
  });
});
