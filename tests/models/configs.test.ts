import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readModelConfig } from '../../src/models/family-configs';
import type { ModelConfig, RopeConfig } from '../../src/models/model-config';
import { expectedTensors } from '../../src/models/weight-check';

interface Case {
  transformers4: unknown;
  transformers5: unknown;
  derived: {
    scaling: number;
    biases: boolean[];
    mlpBias: boolean;
    layerKinds: string[];
    window: number | null;
    tied: boolean;
    softcaps: [number | null, number | null];
    /** First, a middle and the last inverse frequency. */
    frequencies: { full: number[]; sliding: number[] };
    shapes: Record<string, number[]>;
  };
}

const cases = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/formats/configs.json'), 'utf8')) as Record<string, Case>;

/** Inverse frequency `index` of `count`, as the graph computes it from this description. */
function frequency(rope: RopeConfig, index: number, count: number): number {
  const plain = rope.theta ** (-index / count);
  const { scaling } = rope;
  if (scaling.kind === 'none') return plain;
  if (scaling.kind === 'linear') return plain / scaling.factor;
  const turns = (scaling.originalContextLength * plain) / (2 * Math.PI);
  const smooth = Math.min(
    1,
    Math.max(0, (turns - scaling.lowFrequencyFactor) / (scaling.highFrequencyFactor - scaling.lowFrequencyFactor)),
  );
  return smooth * plain + ((1 - smooth) * plain) / scaling.factor;
}

function check(config: ModelConfig, derived: Case['derived']): void {
  expect(config.attentionScale).toBeCloseTo(derived.scaling, 12);
  expect([config.attentionBias.q, config.attentionBias.k, config.attentionBias.v, config.attentionBias.o]).toEqual(derived.biases);
  expect(config.mlpBias).toBe(derived.mlpBias);
  expect(config.layerKinds).toEqual(derived.layerKinds);
  expect(config.slidingWindow).toBe(derived.window);
  expect(config.tiedHead).toBe(derived.tied);
  expect([config.attentionSoftcap, config.finalSoftcap]).toEqual(derived.softcaps);
  const count = config.headDim / 2;
  for (const kind of ['full', 'sliding'] as const) {
    const wanted = derived.frequencies[kind];
    const got = [0, Math.floor(count / 3), count - 1].map((index) => frequency(config.rope[kind], index, count));
    got.forEach((value, index) => {
      expect(value / (wanted[index] as number)).toBeCloseTo(1, 5);
    });
  }
  const expected = expectedTensors(config);
  for (const [name, shape] of Object.entries(derived.shapes)) expect(expected.get(name)).toEqual(shape);
  const listed = [...expected.keys()].filter((name) => !name.includes('.layers.') || name.includes('.layers.0.'));
  expect(listed.sort()).toEqual(Object.keys(derived.shapes).sort());
}

describe.each(Object.entries(cases))('config of %s', (_, { transformers4, transformers5, derived }) => {
  it('as transformers 5 writes it means the model that transformers builds', () =>
    check(readModelConfig(transformers5, 'config.json'), derived));
  it('as transformers 4 writes it means the same', () => {
    expect(readModelConfig(transformers4, 'config.json')).toEqual(readModelConfig(transformers5, 'config.json'));
  });
});
