import { describe, expect, test } from 'vitest';
import { rowBatches } from '../../src/engine/worker/row-batches';
import { Sampler } from '../../src/engine/worker/sampler';

const LOGITS = Float32Array.from([Math.log(0.5), Math.log(0.25), Math.log(0.15), Math.log(0.1)]);

function draw(options: Partial<{ temperature: number; topP: number; topK: number }>): number[] {
  const sampler = new Sampler(LOGITS.length, { temperature: 1, topP: 1, topK: 0, ...options });
  return Array.from({ length: 1000 }, (_, i) => sampler.sample(LOGITS, (i + 0.5) / 1000));
}

function shares(tokens: number[]): number[] {
  return [0, 1, 2, 3].map((id) => tokens.filter((token) => token === id).length / tokens.length);
}

describe('sampler', () => {
  test('temperature 0 is greedy', () => expect(new Set(draw({ temperature: 0 }))).toEqual(new Set([0])));
  test('evenly spread draws give the probabilities', () => expect(shares(draw({}))).toEqual([0.5, 0.25, 0.15, 0.1]));
  test('top-k renormalises over the k most likely', () => {
    const [first = 0, second = 0, ...rest] = shares(draw({ topK: 2 }));
    expect([first, second]).toEqual([expect.closeTo(2 / 3, 2), expect.closeTo(1 / 3, 2)]);
    expect(rest).toEqual([0, 0]);
  });
  test('top-p keeps the smallest head that reaches p', () => {
    expect(shares(draw({ topP: 0.6 })).map((share) => share > 0)).toEqual([true, true, false, false]);
    expect(shares(draw({ topP: 0.4 }))).toEqual([1, 0, 0, 0]);
  });
  test('a low temperature sharpens', () =>
    expect(shares(draw({ temperature: 0.5 }))[0]).toBeCloseTo(0.25 / (0.25 + 0.0625 + 0.0225 + 0.01), 2));
});

test('row batches hold every row once, within the token limit', () => {
  const lengths = [5, 1, 9, 3, 3, 20, 7];
  const batches = rowBatches(lengths, 18);
  expect(batches.flat().sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  for (const batch of batches) {
    const padded = batch.length * Math.max(...batch.map((row) => lengths[row] as number));
    expect(batch.length === 1 || padded <= 18).toBe(true);
  }
});
