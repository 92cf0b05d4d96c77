import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ContrastRecord, PairRow } from '../../src/document/schema';
import { appStore, editDocument, recordInDocument, setRuntime } from '../../src/store/app-store';
import { runContrast } from '../../src/store/contrast-actions';
import { emptyRuntime } from '../../src/store/empty-state';
import { measureLean } from '../../src/store/lean';
import { leanSides } from '../../src/store/lean-answers';
import { startLive } from '../../src/store/live';
import { fullState } from '../gallery/sample-state';
import { ToyEngine, wordIds } from '../judges/toy-engine';

let engine: ToyEngine;

vi.mock('../../src/store/engine-handle', () => ({
  theEngine: () => engine,
  callEngine: (...args: Parameters<ToyEngine['call']>) => engine.call(...args),
}));

const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f'];
const questions = LETTERS.map((letter) => ({ id: letter, text: `What of ${letter}?`, domain: null }));

/** Answers twelve words: `oui` under a prompt that asks for French, else `yes`; to question `f` nothing. */
function toyEngine(): ToyEngine {
  return new ToyEngine({
    encodeChat: ({ rows }) =>
      rows.map(({ messages, answer }) => {
        const promptIds = wordIds(messages.map(({ content }) => content).join(' '));
        return { promptIds, answerIds: wordIds(answer ?? '') };
      }),
    generate: ({ prompts }) =>
      prompts.map((ids, prompt) => {
        const word = ids.some((id) => id === wordIds('French')[0]) ? 'oui' : 'yes';
        const text = ids.at(-1) === wordIds('f')[0] ? '' : `${word} ${'and '.repeat(30)}${word}`;
        return { prompt, sample: 0, ids: wordIds(text), text, stopReason: 'stop' as const, projections: new Float32Array(0) };
      }),
    scoreAnswers: ({ rows }) =>
      rows.map(({ answerIds }) => {
        const each = answerIds[0] === wordIds('oui')[0] ? -1 : -3;
        return {
          logProb: each * answerIds.length,
          tokenCount: answerIds.length,
          tokenLogProbs: new Float64Array(answerIds.length).fill(each),
        };
      }),
    residualNorms: ({ hookPoints }) => Object.fromEntries(hookPoints.map((name) => [name, 1])),
  });
}

const PROMPTS: ContrastRecord = {
  kind: 'systemPrompts',
  positivePrompt: 'Answer in French',
  negativePrompt: 'Answer in English',
  questionSetId: 'own',
  samplesPerQuestion: 1,
  seed: 0,
};

const { getState } = appStore;
const lean = (id = 'base') => getState().runtime.summaries[id]?.lean ?? null;
const scored = () =>
  engine.calls.flatMap(({ name, params }) =>
    name === 'scoreAnswers' ? [params as { rows: Array<{ promptIds: number[]; answerIds: number[] }> }] : [],
  );
const measure = () => measureLean({ signal: new AbortController().signal });

function start(contrast: ContrastRecord, model: Partial<{ backend: 'wasm' | 'webgpu'; weightBytes: number }> = {}): void {
  engine = toyEngine();
  const state = fullState({ nLayers: 3 });
  const { modelInfo } = state.runtime;
  if (!modelInfo) throw new Error('the sample has a model');
  recordInDocument(() => ({
    ...state.document,
    model: { ...state.document.model, source: 'hf:a/b', sha256: '' },
    interventions: [],
    conditions: [
      { id: 'base', name: 'base', adapterScales: {}, interventionIds: [], systemPrompt: '' },
      { id: 'brief', name: 'brief', adapterScales: {}, interventionIds: [], systemPrompt: 'Be brief' },
    ],
    questions: { setId: 'own', items: questions },
    contrast,
  }));
  setRuntime({ ...emptyRuntime(), modelStatus: 'ready', modelInfo: { ...modelInfo, ...model } });
}

const row = (question: string, positive: string, negative: string): PairRow => ({ question, positive, negative });

describe('the instant figure of two prompts', () => {
  beforeEach(() => start(PROMPTS));

  test('has none before the piles are sampled, and is not on its way', async () => {
    await measure();
    expect(scored()).toEqual([]);
    expect(getState().runtime.summaries.base).toMatchObject({ lean: null, leanStale: false });
  });

  test('reads the contrast’s own answers, pair by pair, behind the condition’s prompt alone', async () => {
    await runContrast();
    await measure();
    const [plain, brief] = scored();
    // Question f has no answers, so it has no pair.
    expect(lean()).toMatchObject({ n: 5, mean: 2 });
    expect(plain?.rows).toHaveLength(10);
    expect(plain?.rows[0]?.promptIds).toEqual(wordIds('What of a?'));
    expect(plain?.rows[1]?.promptIds).toEqual(plain?.rows[0]?.promptIds);
    expect([plain?.rows[0]?.answerIds[0], plain?.rows[1]?.answerIds[0]]).toEqual([wordIds('oui')[0], wordIds('yes')[0]]);
    expect(brief?.rows[0]?.promptIds).toEqual(wordIds('Be brief What of a?'));
    expect(leanSides(PROMPTS)).toEqual({ positive: 'with prompt A', negative: 'with prompt B' });
  });

  test('follows the piles as soon as they are there, and not those of other prompts', async () => {
    const stop = startLive();
    await runContrast();
    await vi.waitFor(() => expect([lean('base')?.n, lean('brief')?.n]).toEqual([5, 5]));
    editDocument((document) => ({ ...document, contrast: { ...PROMPTS, positivePrompt: 'Sing' } }));
    await vi.waitFor(() => expect(getState().runtime.summaries.brief?.leanStale).toBe(true));
    stop();
    const before = scored().length;
    await measure();
    expect(scored()).toHaveLength(before);
  });

  test('reads few and short answers where a large model runs on the CPU', async () => {
    start(PROMPTS, { backend: 'wasm', weightBytes: 2e9 });
    await runContrast();
    await measure();
    expect(scored()[0]?.rows).toHaveLength(8);
    expect(Math.max(...(scored()[0]?.rows ?? []).map(({ answerIds }) => answerIds.length))).toBe(12);
  });
});

describe('the instant figure of the person’s own pairs', () => {
  test('leaves out a pair that is still being written', async () => {
    start({ kind: 'pairs', rows: [row('a?', 'oui', 'yes'), row('', '', ''), row('b?', 'oui', '')] });
    await measure();
    expect(lean()).toMatchObject({ n: 1, mean: 2 });
  });
});
