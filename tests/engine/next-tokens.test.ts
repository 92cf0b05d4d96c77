import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LoadedModel } from '../../src/engine/worker/loaded-model';
import { nextTokens } from '../../src/engine/worker/next-tokens';
import { forward } from '../../src/engine/worker/reads';
import { loadFixture, readReference } from './node-model';

const CONTINUATIONS = [[5], [9], [9, 3], [2, 7, 1]];
const WANTED = [0, 3, 9, 17];

test.each([
  ['gemma2-untied', 'grouped'],
  ['gemma3-untied', 'grouped'],
  ['qwen2-window', 'decomposed'],
  ['qwen3-tied', 'decomposed'],
] as const)('%s, %s attention: a prompt read once says what each whole row says', async (name, attention) => {
  const model = await loadFixture(name, { attention });
  const { rows } = await readReference(name);
  // More branches than one decode step takes.
  const prompts = Array.from({ length: 20 }, (_, i) => rows[i % rows.length] as number[]);
  const found = await nextTokens(model, { prompts, continuations: CONTINUATIONS, wanted: WANTED });
  expect(found.shape).toEqual([prompts.length, 1 + CONTINUATIONS.length, WANTED.length]);
  const whole = prompts.flatMap((prompt) => [[], ...CONTINUATIONS].map((ids) => [...prompt, ...ids]));
  const { logits } = await forward(model, { ids: whole, logits: 'last' });
  const { vocabSize } = model.config;
  const want = whole.flatMap((_, row) => {
    const line = [...(logits as NonNullable<typeof logits>).data.subarray(row * vocabSize, (row + 1) * vocabSize)];
    const total = line.reduce((sum, value) => sum + Math.exp(value), 0);
    return WANTED.map((id) => Math.exp(line[id] as number) / total);
  });
  const worst = Math.max(...want.map((value, i) => Math.abs(value - (found.data[i] as number)) / value));
  expect(worst).toBeLessThan(1e-4);
  await model.dispose();
});

let model: LoadedModel;

beforeAll(async () => {
  model = await loadFixture('qwen3-tied');
});

afterAll(() => model.dispose());

test('without continuations only what follows the prompts', async () => {
  const alone = await nextTokens(model, { prompts: [[1, 2]], wanted: [4] });
  const beside = await nextTokens(model, { prompts: [[1, 2]], continuations: [[3]], wanted: [4] });
  expect(alone.shape).toEqual([1, 1, 1]);
  expect(alone.data[0]).toBeCloseTo(beside.data[0] as number, 6);
});

test.each([
  [{ prompts: [] }, /token rows/],
  [{ prompts: [[]] }, /token row 0/],
  [{ prompts: [[1]], continuations: [[2], []] }, /continuation 1: expected at least one token/],
  [{ prompts: [[1]], continuations: [[999_999]] }, /999999/],
  [{ prompts: [[1]], wanted: [-1] }, /wanted: expected ids below \d+, got -1/],
  [{ prompts: [Array.from({ length: 256 }, () => 1)], continuations: [[2]] }, /expected 1 to 256 tokens, got 257/],
])('refuses %j', async (request, message) => {
  await expect(nextTokens(model, { wanted: [1], ...request })).rejects.toThrow(message);
});

test('a cancel ends it', async () => {
  const controller = new AbortController();
  controller.abort();
  await expect(nextTokens(model, { prompts: [[1, 2]], continuations: [[3]], wanted: [4] }, controller.signal)).rejects.toThrow();
});
