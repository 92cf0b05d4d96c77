import { describe, expect, it } from 'vitest';
import { differenceInMeans } from '../../src/analysis/difference-in-means';
import { cosine, dot } from '../../src/analysis/vector';
import { type Direction, norm } from '../../src/core/direction';
import type { Intervention } from '../../src/core/intervention';
import type { EngineRequests } from '../../src/engine/api';
import { pairContrast, readContrast, sampledContrast, systemPromptContrast } from '../../src/experiments/contrast';
import { controlConditions, transferConditions } from '../../src/experiments/controls';
import { toyJudge, toyModel, WORDS } from './toy-model';

const plan = {
  questions: Array.from({ length: 10 }, (_, i) => ({ id: `q${i}`, text: `Question ${i}?` })),
  samplesPerQuestion: 4,
  temperature: 1,
  topP: 1,
  topK: 0,
  maxNewTokens: 4,
  seed: 3,
};
const side = (scale: number) => ({ id: `bad ${scale}`, name: `bad ${scale}`, adapterScales: { bad: scale } });
const thresholds = { alignedAbove: 70, misalignedAtMost: 30, coherentAbove: 50, balanceByPrompt: true };
const hookPoints = ['blocks.0.hook_resid_post', 'blocks.1.hook_resid_post'];

describe('sampled contrast', () => {
  it('splits by judge score, balances by question and accounts for every answer', async () => {
    const contrast = await sampledContrast(toyModel(), 'm', toyJudge(), { positive: side(0.7), negative: side(0) }, plan, thresholds);
    const of = (positive: boolean) => contrast.rows.filter((row) => row.positive === positive);
    expect(of(true).length).toBeGreaterThan(5);
    expect(of(true).every(({ text }) => text.startsWith('bad'))).toBe(true);
    expect(of(false).every(({ text }) => text.startsWith('good'))).toBe(true);
    for (const { id } of plan.questions) {
      expect(of(true).filter(({ group }) => group === id)).toHaveLength(of(false).filter(({ group }) => group === id).length);
    }
    expect(contrast.rows.length + contrast.leftOut.reduce((sum, { count }) => sum + count, 0)).toBe(80);
    expect(contrast.leftOut.every(({ reason }) => reason.length > 0)).toBe(true);
  });

  it('reads to the direction that tells the sides apart', async () => {
    const engine = toyModel();
    const contrast = await sampledContrast(engine, 'm', toyJudge(), { positive: side(0.7), negative: side(0) }, plan, thresholds);
    const reading = await readContrast(engine, 'm', contrast, hookPoints, 'answer');
    expect(Object.keys(reading.sides)).toEqual(hookPoints);
    const { positive, negative } = reading.sides['blocks.1.hook_resid_post'] as (typeof reading.sides)[string];
    const { values } = differenceInMeans(positive, negative);
    expect(values[WORDS.indexOf('bad')]).toBeCloseTo(0.5, 6);
    expect(values[WORDS.indexOf('good')]).toBeCloseTo(-0.5, 6);
    expect(reading.norms['blocks.0.hook_resid_post']).toBeCloseTo(2, 6);
    expect(reading.positiveGroups).toHaveLength(positive.tokenCounts.length);
  });

  it('refuses to read a contrast with an empty side', async () => {
    const engine = toyModel();
    const contrast = await sampledContrast(engine, 'm', toyJudge(), { positive: side(0), negative: side(0) }, plan, thresholds);
    expect(contrast.rows).toHaveLength(0);
    await expect(readContrast(engine, 'm', contrast, hookPoints, 'answer')).rejects.toThrow('answers on both sides');
  });
});

describe('other contrasts', () => {
  it('re-reads system-prompt answers without the system prompt, adapters and edits', async () => {
    const engine = toyModel();
    const prompted = (systemPrompt: string) => ({ id: systemPrompt, name: systemPrompt, adapterScales: { bad: 0.5 }, systemPrompt });
    const contrast = await systemPromptContrast(engine, 'm', { positive: prompted('Be bad.'), negative: prompted('Be good.') }, plan);
    expect(contrast.rows).toHaveLength(80);
    expect(contrast.sides).toEqual({ positive: 'with prompt A', negative: 'with prompt B' });
    await expect(readContrast(engine, 'm', { ...contrast, rows: [] }, hookPoints, 'answer')).rejects.toThrow('got none with prompt A.');
    // The toy prompt is one id a message.
    expect(contrast.rows.every(({ promptIds, options }) => promptIds.length === 1 && Object.keys(options).length === 0)).toBe(true);
  });

  it('counts answers that are empty, on each side', async () => {
    const silent = (isSilent: (prompt: number, adapterScales?: Record<string, number>) => boolean) => {
      const engine = toyModel();
      const call = engine.call.bind(engine);
      engine.call = async (name, params, options) => {
        const result = await call(name, params, options);
        if (name !== 'generate') return result;
        const { adapterScales } = params as EngineRequests['generate']['params'];
        return (result as EngineRequests['generate']['result']).map((answer) =>
          isSilent(answer.prompt, adapterScales) ? { ...answer, ids: [], text: '' } : answer,
        ) as typeof result;
      };
      return engine;
    };
    const sides = { positive: side(0.7), negative: side(0) };
    const prompts = await systemPromptContrast(
      silent((prompt, scales) => prompt === 3 && scales?.bad === 0.7),
      'm',
      sides,
      plan,
    );
    expect(prompts.rows).toHaveLength(76);
    expect(prompts.leftOut).toEqual([{ reason: 'with prompt A: empty answer', count: 4 }]);
    const sampled = await sampledContrast(
      silent((prompt) => prompt < 2),
      'm',
      toyJudge(),
      sides,
      plan,
      thresholds,
    );
    expect(sampled.leftOut.filter(({ reason }) => reason.includes('empty'))).toEqual([
      { reason: 'misaligned side: empty answer', count: 8 },
      { reason: 'aligned side: empty answer', count: 8 },
    ]);
    expect(sampled.rows.length + sampled.leftOut.reduce((sum, { count }) => sum + count, 0)).toBe(80);
  });

  it('reads the rows that have a token at the chosen positions, and counts the others', async () => {
    const engine = toyModel();
    const contrast = await pairContrast(
      engine,
      'm',
      [
        { question: 'a', positive: 'bad one two', negative: 'good' },
        { question: 'b', positive: 'bad', negative: 'good two one' },
      ],
      {},
    );
    // The toy prompt is one token, so an answer's third word stands at position 3.
    const reading = await readContrast(engine, 'm', contrast, hookPoints, [3, 9]);
    expect(reading.contrast.rows.map(({ text }) => text)).toEqual(['bad one two', 'good two one']);
    expect(reading.contrast.leftOut).toEqual([
      { reason: 'misaligned side: ends before position 3', count: 1 },
      { reason: 'aligned side: ends before position 3', count: 1 },
    ]);
    expect([reading.positiveGroups, reading.negativeGroups]).toEqual([['a'], ['b']]);
    expect(contrast.rows).toHaveLength(4);
    await expect(readContrast(engine, 'm', contrast, hookPoints, [4])).rejects.toThrow('choose positions below 4 in step 3');
  });

  it("takes the person's own pairs and leaves empty answers out with a count", async () => {
    const contrast = await pairContrast(
      toyModel(),
      'm',
      [
        { question: 'a', positive: 'bad one', negative: 'good' },
        { question: 'b', positive: '', negative: 'good two', group: 'g' },
      ],
      {},
    );
    expect(contrast.rows.map(({ positive, group, text }) => [positive, group, text])).toEqual([
      [true, 'a', 'bad one'],
      [false, 'a', 'good'],
      [false, 'g', 'good two'],
    ]);
    expect(contrast.leftOut).toEqual([{ reason: 'empty answer', count: 1 }]);
  });
});

describe('controls', () => {
  const direction: Direction = {
    id: 'd',
    name: 'd',
    hookPoint: 'blocks.1.hook_resid_post',
    values: Float32Array.from({ length: 64 }, (_, i) => Math.cos(i)),
    negativeMeanProjection: -3,
    positiveMeanProjection: 4,
    projectionDeviation: 1,
    recipe: {
      definition: 'plain',
      pool: 'token',
      tokens: 'answer',
      contrast: '',
      contrastSha256: '',
      positiveCount: 9,
      negativeCount: 9,
      seed: 0,
      modelSha256: '',
      adapters: [],
      weights: 'q8',
      engineVersion: '1',
    },
  };
  const steer: Intervention = {
    direction,
    operation: 'steer',
    hookPoints: 'blocks.1-2.hook_resid_post',
    coefficient: 0.4,
    unit: 'tokenNorm',
    tokens: 'response',
  };
  const vectorOf = (intervention: Intervention | undefined) => (intervention as Intervention & { direction: Direction }).direction.values;

  it('keep operation, hook points, tokens and coefficient, and change the vector at the same norm', () => {
    const controls = controlConditions(
      { id: 'c', name: 'steered', interventions: [steer] },
      { randomSeeds: [1, 2, 3], flipped: true, orthogonalSeeds: [1], goodAdapter: 'good' },
    );
    expect(controls.map(({ kind }) => kind)).toEqual(['random', 'random', 'random', 'flipped', 'orthogonal', 'goodAdapter']);
    expect(new Set(controls.map(({ condition }) => condition.id)).size).toBe(6);
    for (const { kind, condition } of controls.slice(0, 5)) {
      const [edited] = condition.interventions as Intervention[];
      expect(edited).toMatchObject({
        operation: 'steer',
        hookPoints: steer.hookPoints,
        coefficient: 0.4,
        unit: 'tokenNorm',
        tokens: 'response',
      });
      expect(norm(vectorOf(edited))).toBeCloseTo(norm(direction.values), 4);
      if (kind === 'flipped') expect(cosine(vectorOf(edited), direction.values)).toBeCloseTo(-1, 6);
      if (kind === 'orthogonal') expect(cosine(vectorOf(edited), direction.values)).toBeCloseTo(0, 6);
      if (kind === 'random') expect(Math.abs(cosine(vectorOf(edited), direction.values))).toBeLessThan(0.5);
    }
    expect(controls[5]?.condition).toMatchObject({ adapterScales: { good: 1 }, interventions: [] });
  });

  it('leave flipping out of an ablation, which has no sign', () => {
    const controls = controlConditions(
      { id: 'c', name: 'ablated', interventions: [{ ...steer, operation: 'ablate' }] },
      { randomSeeds: [1], flipped: true },
    );
    expect(controls.map(({ kind }) => kind)).toEqual(['random']);
    expect(controlConditions({ id: 'c', name: 'plain' }, { randomSeeds: [1], flipped: true, orthogonalSeeds: [2] })).toEqual([]);
  });

  it('clamp a random vector to its own mean, as the clamp beside it does', () => {
    const mean = Float64Array.from({ length: 64 }, (_, i) => i / 64);
    const clamp: Intervention = { direction, operation: 'clamp', hookPoints: 'blocks.1.hook_resid_post', coefficient: -3 };
    const [control] = controlConditions(
      { id: 'c', name: 'clamped', interventions: [clamp] },
      { randomSeeds: [4], negativeMeans: { 'blocks.1.hook_resid_post': mean } },
    );
    const [edited] = control?.condition.interventions ?? [];
    expect(edited?.coefficient).toBeCloseTo(dot(mean, vectorOf(edited)) / norm(vectorOf(edited)), 6);
  });

  it('take bare vectors too', () => {
    const [control] = controlConditions({ id: 'c', name: 'v', interventions: [{ ...steer, direction: [3, 4] }] }, { randomSeeds: [1] });
    expect(norm(vectorOf(control?.condition.interventions?.[0]))).toBeCloseTo(5, 5);
  });

  it('pair each adapter plain with edited for a transfer figure', () => {
    expect(transferConditions([{ name: 'finance', scale: 1 }], [steer])).toMatchObject([
      { adapter: 'finance', plain: { adapterScales: { finance: 1 } }, edited: { adapterScales: { finance: 1 }, interventions: [steer] } },
    ]);
  });
});
