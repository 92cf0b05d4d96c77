import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Intervention } from '../../src/core/intervention';
import type { LoadedModel } from '../../src/engine/worker/loaded-model';
import { forward } from '../../src/engine/worker/reads';
import { loadFixture, readReference, relativeError } from './node-model';

let model: LoadedModel;
let rows: number[][];
let promptLengths: number[];

beforeAll(async () => {
  model = await loadFixture('qwen3-tied', { adapters: ['rank1', 'patterns'] });
  ({ rows, promptLengths } = await readReference('qwen3-tied'));
});

afterAll(() => model.dispose());

const HOOK_POINTS = ['hook_embed', 'blocks.0.hook_resid_mid', 'blocks.1.hook_resid_post'];

function direction(seed: number): Float32Array {
  return Float32Array.from({ length: model.config.dModel }, (_, i) => Math.sin((i + 1) * seed));
}

function read(interventions: Intervention[], adapterScales?: Record<string, number>) {
  return forward(model, { ids: rows, promptLengths, hookPoints: HOOK_POINTS, logits: 'all', interventions, adapterScales });
}

describe('bit-identical to the plain run', () => {
  test.each<[string, () => Intervention[], Record<string, number>?]>([
    ['coefficient 0', () => [{ direction: direction(1), operation: 'steer', hookPoints: 'blocks.*.hook_resid_post', coefficient: 0 }]],
    [
      'an empty token list',
      () => [{ direction: direction(1), operation: 'ablate', hookPoints: ['hook_embed', 'blocks.*.hook_resid_mid'], tokens: [] }],
    ],
    [
      'an empty list, by the token norm',
      () => [{ direction: direction(2), operation: 'steer', unit: 'tokenNorm', hookPoints: 'blocks.*.hook_resid_post', tokens: [] }],
    ],
    ['adapters at scale 0', () => [], { rank1: 0, patterns: 0 }],
  ])('%s', async (_, interventions, scales) => {
    const plain = await read([]);
    const edited = await read(interventions(), scales);
    expect(edited.logits?.data).toEqual(plain.logits?.data);
    for (const name of HOOK_POINTS) expect(edited.activations[name]?.data).toEqual(plain.activations[name]?.data);
  });

  test('one adapter at scale 0 beside another in use', async () => {
    const alone = await read([], { rank1: 1 });
    const both = await read([], { rank1: 1, patterns: 0 });
    expect(both.logits?.data).toEqual(alone.logits?.data);
  });
});

describe('geometry at the edited hook point', () => {
  const hookPoint = 'blocks.1.hook_resid_post';
  const projection = (data: Float32Array, token: number, unit: Float32Array) => {
    const { dModel } = model.config;
    let dot = 0;
    let squares = 0;
    for (let i = 0; i < dModel; i++) {
      dot += (data[token * dModel + i] as number) * (unit[i] as number);
      squares += (unit[i] as number) ** 2;
    }
    return dot / Math.sqrt(squares);
  };

  test('ablating two overlapping directions takes out the space they span, on selected tokens only', async () => {
    const [first, second] = [direction(1), direction(1).map((value, i) => value + 0.5 * Math.cos(i))];
    const plain = await read([]);
    const edited = await read(
      [first, second].map((values) => ({ direction: values, operation: 'ablate', hookPoints: hookPoint, tokens: 'response' })),
    );
    const width = Math.max(...edited.lengths);
    rows.forEach((row, index) => {
      row.forEach((_, position) => {
        const token = index * width + position;
        for (const unit of [first, second]) {
          const got = projection(edited.activations[hookPoint]?.data as Float32Array, token, unit);
          if (position >= (promptLengths[index] as number)) expect(Math.abs(got)).toBeLessThan(1e-4);
          else expect(got).toBe(projection(plain.activations[hookPoint]?.data as Float32Array, token, unit));
        }
      });
    });
  });

  test('clamping sets the projection; steering by the token norm moves it by that share of the norm', async () => {
    const unit = direction(3);
    const clamped = await read([{ direction: unit, operation: 'clamp', coefficient: 2.5, hookPoints: hookPoint }]);
    const plain = await read([]);
    const steered = await read([{ direction: unit, operation: 'steer', unit: 'tokenNorm', coefficient: 0.3, hookPoints: hookPoint }]);
    const { dModel } = model.config;
    const before = plain.activations[hookPoint]?.data as Float32Array;
    for (let token = 0; token < (rows[0] as number[]).length; token++) {
      expect(projection(clamped.activations[hookPoint]?.data as Float32Array, token, unit)).toBeCloseTo(2.5, 4);
      const norm = Math.sqrt(before.subarray(token * dModel, (token + 1) * dModel).reduce((sum, value) => sum + value * value, 0));
      expect(projection(steered.activations[hookPoint]?.data as Float32Array, token, unit)).toBeCloseTo(
        projection(before, token, unit) + 0.3 * norm,
        3,
      );
    }
  });

  test("the later name of a boundary sees the earlier one's edit", async () => {
    const unit = direction(4);
    const steer: Intervention = { direction: unit, operation: 'steer', coefficient: 1, hookPoints: 'blocks.0.hook_resid_post' };
    const ablate: Intervention = { direction: unit, operation: 'ablate', hookPoints: 'blocks.1.hook_resid_pre' };
    const both = await read([steer, ablate]);
    const only = await read([ablate]);
    expect(relativeError(both.logits?.data ?? [], only.logits?.data ?? [])).toBeLessThan(1e-5);
  });
});

test.each([
  ['another width', { direction: [1, 2, 3], operation: 'steer', hookPoints: 'hook_embed' }, /expected 48 numbers, got 3/],
  ['a zero direction', { direction: new Float32Array(48), operation: 'ablate', hookPoints: 'hook_embed' }, /finite direction/],
  [
    'an unknown hook point',
    { direction: new Float32Array(48).fill(1), operation: 'ablate', hookPoints: 'blocks.9.hook_resid_post' },
    /expected blocks within/,
  ],
  [
    'the final norm',
    { direction: new Float32Array(48).fill(1), operation: 'ablate', hookPoints: 'ln_final.hook_normalized' },
    /residual hook point/,
  ],
] as Array<[string, Intervention, RegExp]>)('%s is refused', async (_, intervention, message) => {
  await expect(read([intervention])).rejects.toThrow(message);
});
