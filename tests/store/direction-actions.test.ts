import { beforeEach, describe, expect, test, vi } from 'vitest';
import { cosine } from '../../src/analysis/vector';
import { LIMITS } from '../../src/core/limits';
import type { PairRow } from '../../src/document/schema';
import { actions } from '../../src/store/app';
import { appStore, clearHistory, editDocument, recordInDocument, setRuntime, setSession } from '../../src/store/app-store';
import {
  computeDirection,
  deleteDirection,
  flipDirection,
  keepDirection,
  refreshCosines,
  refreshDirections,
} from '../../src/store/direction-actions';
import { patchIntervention } from '../../src/store/intervention-actions';
import { isProfileStale, isScatterStale } from '../../src/store/staleness';
import { cosineBetween } from '../../src/ui/recipe/direction-list';
import { fullState } from '../gallery/sample-state';
import { ToyEngine, wordIds } from '../judges/toy-engine';

const WIDTH = 6;
/** What the engine was asked since the test began. */
let engine: ToyEngine;

vi.mock('../../src/store/engine-handle', () => ({
  theEngine: () => engine,
  callEngine: (...args: Parameters<ToyEngine['call']>) => engine.call(...args),
}));

/** The residual of a word: the same wherever it stands, other after each block. */
function residual(id: number, hookPoint: string): number[] {
  const block = Number(/\d+/.exec(hookPoint)?.[0] ?? 0) + (hookPoint.endsWith('mid') ? 0.5 : 1);
  return Array.from({ length: WIDTH }, (_, i) => Math.cos(id * (i + 1)) * block + (i === 0 ? 3 : 0));
}

function toyEngine(): ToyEngine {
  return new ToyEngine({
    encodeChat: ({ rows }) =>
      rows.map(({ messages, answer }) => ({
        promptIds: wordIds(messages.map(({ content }) => content).join(' ')),
        answerIds: wordIds(answer ?? ''),
      })),
    pooled: ({ rows, hookPoints, tokens }) => {
      const chosen = rows.map(({ promptIds, answerIds }) => {
        if (Array.isArray(tokens)) return [...promptIds, ...answerIds].filter((_, position) => tokens.includes(position));
        return tokens === 'answer' ? answerIds : promptIds.slice(-1);
      });
      if (chosen.some(({ length }) => length === 0)) throw new Error('a row without a token to read');
      const mean = (ids: number[], name: string) =>
        Array.from({ length: WIDTH }, (_, i) => ids.reduce((sum, id) => sum + (residual(id, name)[i] as number), 0) / ids.length);
      const means = (name: string) => ({
        data: Float32Array.from(chosen.flatMap((ids) => mean(ids, name))),
        shape: [rows.length, WIDTH],
      });
      return {
        means: Object.fromEntries(hookPoints.map((name) => [name, means(name)])),
        norms: Object.fromEntries(hookPoints.map((name) => [name, new Float32Array(rows.length).fill(4)])),
        tokenCounts: chosen.map(({ length }) => length),
      };
    },
    project: ({ ids, probes }) =>
      ids.map((row) => ({
        data: Float32Array.from(
          row.flatMap((id) =>
            probes.map(({ hookPoint, values }) => {
              const length = Math.hypot(...values);
              return residual(id, hookPoint).reduce((sum, value, i) => sum + (value * (values[i] as number)) / length, 0);
            }),
          ),
        ),
        shape: [row.length, probes.length],
      })),
    residualNorms: ({ hookPoints }) => Object.fromEntries(hookPoints.map((name) => [name, 1])),
  });
}

const pairs = (count: number, word = 'thing'): PairRow[] =>
  Array.from({ length: count }, (_, index) => ({
    question: `What of ${word} ${'abcdefghijkl'[index]}?`,
    positive: `take ${word} bad ${'abcdefghijkl'[index]} now`,
    negative: `leave ${word} good ${'abcdefghijkl'[index]} there`,
  }));

const { getState } = appStore;
const directions = () => getState().document.directions;
const notices = () => getState().runtime.notices.map(({ text }) => text);
const setPairs = (rows: PairRow[]) => editDocument((document) => ({ ...document, contrast: { kind: 'pairs', rows } }));
const setSettings = (patch: object) =>
  editDocument((document) => ({ ...document, directionSettings: { ...document.directionSettings, ...patch } }));
const read = () => engine.calls.filter(({ name }) => name === 'pooled').length;

beforeEach(() => {
  engine = toyEngine();
  const state = fullState({ nLayers: 3 });
  recordInDocument(() => ({
    ...state.document,
    directions: [],
    interventions: [],
    conditions: state.document.conditions.map((condition) => ({ ...condition, interventionIds: [] })),
    contrast: { kind: 'pairs', rows: pairs(9) },
    directionSettings: { hookPoint: 'blocks.1.hook_resid_post', tokens: 'answer', pool: 'token', definition: 'plain' },
  }));
  setRuntime({ ...state.runtime, directions: [], cosines: null, map: null, answers: {}, notices: [], tasks: [] });
  setSession({ activeDirectionId: null });
});

describe('keeping one more direction', () => {
  test('tells of the contrast, tokens and hook point that it is of, whatever was read before', async () => {
    await computeDirection('first');
    const before = directions()[0];
    setPairs(pairs(4, 'other'));
    await keepDirection('blocks.1.hook_resid_post');
    const kept = directions()[1];
    expect(kept?.recipe).toMatchObject({ contrast: "4 pairs of the user's own", positiveCount: 4, negativeCount: 4 });
    expect(kept?.recipe.contrastSha256).not.toBe(before?.recipe.contrastSha256);
    expect(kept?.positiveMeanProjection).not.toBe(before?.positiveMeanProjection);
  });

  test('reads a place that was not read yet, and nothing again that was', async () => {
    await computeDirection('first');
    const reads = read();
    await keepDirection('blocks.2.hook_resid_post');
    expect(read()).toBe(reads);
    await keepDirection('blocks.1.hook_resid_mid');
    expect(directions().map(({ hookPoint }) => hookPoint)).toEqual([
      'blocks.1.hook_resid_post',
      'blocks.2.hook_resid_post',
      'blocks.1.hook_resid_mid',
    ]);
  });

  test('a setting that changes while it reads is not what its recipe tells of', async () => {
    const computed = computeDirection('first');
    setSettings({ tokens: 'prompt', hookPoint: 'blocks.0.hook_resid_post' });
    setPairs(pairs(2));
    await computed;
    expect(directions()[0]).toMatchObject({ hookPoint: 'blocks.1.hook_resid_post', recipe: { tokens: 'answer', positiveCount: 9 } });
    expect(isProfileStale(getState())).toBe(true);
  });

  test('is called by a name of its own and likened by its id', async () => {
    await computeDirection('first');
    await keepDirection('blocks.2.hook_resid_post');
    flipDirection('first');
    flipDirection('first');
    expect(new Set(directions().map(({ name }) => name)).size).toBe(4);
    recordInDocument((document) => ({ ...document, directions: document.directions.map((record) => ({ ...record, name: 'contrast' })) }));
    refreshDirections();
    refreshCosines();
    const { cosines } = getState().runtime;
    const [first, , flipped] = directions();
    expect(cosineBetween(cosines, 'first', flipped?.id ?? '')).toBeCloseTo(-1, 6);
    expect(cosineBetween(cosines, first?.id ?? '', 'gone')).toBeNull();
  });

  test('refuses what a link could not hold', async () => {
    await computeDirection('first');
    recordInDocument((document) => {
      const [record] = document.directions;
      return record
        ? { ...document, directions: Array.from({ length: LIMITS.directionCount }, (_, i) => ({ ...record, id: `d${i}` })) }
        : document;
    });
    refreshDirections();
    await keepDirection('blocks.2.hook_resid_post');
    expect(directions()).toHaveLength(LIMITS.directionCount);
    expect(notices().join()).toContain(`directions: expected at most ${LIMITS.directionCount}`);
    expect(() => flipDirection('d0')).toThrow('Delete some first');
  });
});

describe('a computed direction', () => {
  test('survives the undo of a step from before it, as does the edit that waits for it', async () => {
    const [steering] = fullState().document.interventions;
    recordInDocument((document) => ({ ...document, interventions: steering ? [{ ...steering, directionId: 'first' }] : [] }));
    clearHistory();
    patchIntervention(steering?.id ?? '', { coefficient: 0.11 });
    await computeDirection('first');
    actions.undo();
    expect(getState().document.interventions[0]?.coefficient).toBe(steering?.coefficient);
    expect(directions().map(({ id }) => id)).toEqual(['first']);
    expect(getState().runtime.directions.map(({ id }) => id)).toEqual(['first']);
  });

  test('of two sides that are the same is refused with its remedy', async () => {
    setSettings({ tokens: 'lastPrompt' });
    await computeDirection('first');
    expect(directions()).toEqual([]);
    expect(notices().join()).toMatch(/expected two sides that differ there, got a difference of length 0\. Read all of the answer/);
  });

  test('is of the rows that reach the chosen positions, and says how many do not', async () => {
    // Four tokens of prompt, then five of answer.
    setPairs([...pairs(9), { question: 'What of it all?', positive: 'bad', negative: 'good' }]);
    setSettings({ tokens: [6, 7] });
    await computeDirection('first');
    expect(notices()).toEqual([]);
    expect(directions()[0]?.recipe).toMatchObject({ positiveCount: 9, negativeCount: 9 });
    expect(getState().runtime.readLeftOut).toEqual([
      { reason: 'misaligned side: ends before position 6', count: 1 },
      { reason: 'aligned side: ends before position 6', count: 1 },
    ]);
    expect(getState().runtime.scatter.map(({ label }) => label)).toEqual([
      ...pairs(9).map(({ positive }) => positive),
      ...pairs(9).map(({ negative }) => negative),
    ]);
    setSettings({ tokens: 'answer' });
    await computeDirection('first');
    expect(getState().runtime.readLeftOut).toEqual([]);
  });

  test('at positions that no row reaches is refused with one that is', async () => {
    setSettings({ tokens: [40] });
    await computeDirection('first');
    expect(notices().join()).toMatch(/got none \(misaligned side: ends before position 40\)\. .* choose positions below \d+ in step 3/);
  });

  test('comes with the separation of both definitions, from one reading', async () => {
    await computeDirection('first');
    const plain = getState().runtime.profile;
    expect(plain.map(({ definition, other }) => [definition, other?.definition])).toEqual(Array(3).fill(['plain', 'standardised']));
    setSettings({ definition: 'standardised' });
    await keepDirection('blocks.1.hook_resid_post');
    const standardised = getState().runtime.profile;
    expect(standardised.map(({ auc }) => auc)).toEqual(plain.map(({ other }) => other?.auc));
    expect(standardised.map(({ other }) => other?.auc)).toEqual(plain.map(({ auc }) => auc));
    expect(read()).toBe(2);
  });

  test('has the deviation of the aligned tokens, not of the aligned answers', async () => {
    await computeDirection('first');
    const [direction] = getState().runtime.directions;
    if (!direction) throw new Error('nothing was computed');
    const length = Math.hypot(...direction.values);
    const along = pairs(9)
      .flatMap(({ negative }) => wordIds(negative))
      .map((id) =>
        residual(id, direction.hookPoint).reduce((sum, value, i) => sum + (value * (direction.values[i] as number)) / length, 0),
      );
    const mean = along.reduce((sum, value) => sum + value, 0) / along.length;
    const deviation = Math.sqrt(along.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (along.length - 1));
    expect(direction.projectionDeviation).toBeCloseTo(deviation, 2);
  });

  test('is the axis of the activations, though another was kept at the same place', async () => {
    await computeDirection('first');
    setSettings({ definition: 'standardised' });
    await computeDirection();
    const [plain, standardised] = getState().runtime.directions;
    if (!plain || !standardised) throw new Error('two are expected');
    expect(cosine(plain.values, standardised.values)).toBeLessThan(0.999);
    const { scatter } = getState().runtime;
    const meanX = (positive: boolean) => {
      const points = scatter.filter((point) => point.positive === positive);
      return points.reduce((sum, { x }) => sum + x, 0) / points.length;
    };
    expect(meanX(true)).toBeCloseTo(standardised.positiveMeanProjection ?? Number.NaN, 1);
    expect(meanX(false)).toBeCloseTo(standardised.negativeMeanProjection ?? Number.NaN, 1);
    expect(isScatterStale(getState())).toBe(false);
  });

  test('tints the words that stand on screen', async () => {
    const answer = {
      ...(Object.values(fullState().runtime.answers)[0] as NonNullable<ReturnType<typeof fullState>['runtime']['answers'][string]>),
      conditionId: 'base',
      questionId: 'q1',
      ids: [3, 5],
      tokens: ['a', 'b'],
      projections: [99, 99],
      status: 'done' as const,
      stale: false,
    };
    setRuntime({ answers: { 'base|q1|0': answer } });
    const projections = () => getState().runtime.answers['base|q1|0']?.projections ?? [];
    await computeDirection('first');
    await vi.waitFor(() => expect(projections()).not.toContain(99));
    const first = projections();
    await keepDirection('blocks.2.hook_resid_post');
    await vi.waitFor(() => expect(projections()).not.toEqual(first));
    deleteDirection(directions()[1]?.id ?? '');
    await vi.waitFor(() => expect(projections()).toEqual(first));
  });
});
