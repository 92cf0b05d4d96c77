import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { toDirectionRecord } from '../../src/document/direction-record';
import { emptyDocument, type VaneDocument } from '../../src/document/schema';
import type { ModelInfo, RequestParams, RequestResult } from '../../src/engine/api';
import { clearAnswers } from '../../src/store/answers';
import { actions } from '../../src/store/app';
import { appStore, clearHistory, recordInDocument, setRuntime, setSession } from '../../src/store/app-store';
import { refreshDirections } from '../../src/store/direction-actions';
import { patchIntervention } from '../../src/store/intervention-actions';
import { showDocument } from '../../src/store/link-actions';
import { followAll, pausingLive, restLive, startLive } from '../../src/store/live';
import { recompute } from '../../src/store/recompute';
import { isRecomputeStale } from '../../src/store/staleness';
import type { AnswerState } from '../../src/store/state';
import { sampleDirection } from '../document/sample-document';
import { fullState } from '../gallery/sample-state';
import { encodeWords, ToyEngine, wordIds } from '../judges/toy-engine';

let engine: ToyEngine;
/** Runs once, when the next answers are asked for. */
let onGenerate: (() => void) | null = null;

vi.mock('../../src/store/engine-handle', () => ({
  theEngine: () => engine,
  callEngine: (...args: Parameters<ToyEngine['call']>) => engine.call(...args),
}));

const IDS = ['one', 'two', 'three'];
const { getState } = appStore;
const direction = { ...sampleDirection(6), id: 'tone' };

function steeredDocument(): VaneDocument {
  const state = fullState().document;
  const [steering] = state.interventions.filter(({ operation }) => operation === 'steer');
  if (!steering) throw new Error('a steering edit is expected');
  return {
    ...emptyDocument(),
    contrast: { kind: 'pairs', rows: [{ question: 'And then?', positive: 'take it all', negative: 'share it now' }] },
    directions: [toDirectionRecord(direction)],
    interventions: [{ ...steering, id: 'steering', directionId: 'tone', coefficient: 0.8 }],
    conditions: [
      { id: 'base', name: 'base', adapterScales: {}, interventionIds: [], systemPrompt: '' },
      { id: 'steered', name: 'steered', adapterScales: {}, interventionIds: ['steering'], systemPrompt: '' },
    ],
    questions: { setId: 'own', items: IDS.map((id) => ({ id, text: `What of ${id}?`, domain: null })) },
  };
}

const answers = (): AnswerState[] => Object.values(getState().runtime.answers);
const stale = () => answers().flatMap((answer) => (answer.stale ? [`${answer.conditionId} ${answer.questionId} ${answer.staleFrom}`] : []));
const fresh = (count: number) =>
  vi.waitFor(() => expect(answers().filter((answer) => answer.status === 'done' && !answer.stale)).toHaveLength(count));
const lean = (id: string) => getState().runtime.summaries[id];
const calls = (name: string) => engine.calls.filter((call) => call.name === name);
const move = (coefficient: number) => patchIntervention('steering', { coefficient });
const remove = (id: string) => actions.removeQuestion(id);

beforeAll(() => void startLive());

beforeEach(async () => {
  vi.stubGlobal('location', { host: 'page.example' });
  restLive();
  onGenerate = null;
  engine = new ToyEngine({
    encodeChat: encodeWords,
    generate: ({ prompts, streamIndices = [], interventions = [] }) => {
      onGenerate?.();
      onGenerate = null;
      return prompts.map((_, prompt) => ({
        prompt,
        sample: 0,
        text: 'So be it.',
        // Of its stream and its edit, as an answer is.
        ids: [streamIndices[prompt] ?? -1, ...wordIds(JSON.stringify(interventions))],
        stopReason: 'stop',
        projections: new Float32Array(0),
      }));
    },
    decode: ({ ids }) => ({ text: '', tokens: ids.map(() => 'So') }),
    scoreAnswers: ({ rows, interventions = [] }) =>
      rows.map((_, index) => ({
        logProb: index % 2 === 0 ? -1 + ((interventions[0] as { coefficient?: number } | undefined)?.coefficient ?? 0) : -1,
        tokenCount: 1,
        tokenLogProbs: new Float64Array(1),
      })),
    residualNorms: ({ hookPoints }) => Object.fromEntries(hookPoints.map((name) => [name, 1])),
    dispose: () => undefined,
    load: ({ weights = 'f32' }) => ({ ...(fullState().runtime.modelInfo as ModelInfo), weights }),
    capabilities: () => fullState().runtime.capabilities as RequestResult<'capabilities'>,
  });
  clearAnswers();
  recordInDocument(steeredDocument);
  clearHistory();
  refreshDirections();
  setSession({ questionIndex: 0, pinnedToken: null, bypass: false });
  setRuntime({ modelStatus: 'ready', modelInfo: fullState().runtime.modelInfo as ModelInfo, recordedOnly: false, notices: [], tasks: [] });
  followAll();
  await fresh(6);
  await vi.waitFor(() => expect(getState().runtime.tasks).toEqual([]));
  await vi.waitFor(() => expect(lean('steered')).toMatchObject({ leanStale: false, lean: { mean: expect.closeTo(0.8, 6) } }));
  engine.calls.length = 0;
});

describe('what a person changes while work answers by itself', () => {
  test('is old on screen at once and followed when that ends, the instant figure too', async () => {
    let end = () => {};
    const work = pausingLive(() => new Promise<void>((resolve) => (end = resolve)));
    move(0.5);
    move(0.3);
    expect(stale()).toEqual(IDS.map((id) => `steered ${id} +0.80`));
    expect(lean('steered')?.leanStale).toBe(true);
    expect(lean('base')?.leanStale).toBe(false);
    expect(engine.calls).toEqual([]);
    end();
    await work;
    await vi.waitFor(() => expect(lean('steered')).toMatchObject({ leanStale: false, lean: { mean: expect.closeTo(0.3, 6) } }));
    await fresh(6);
    expect(calls('scoreAnswers'), 'the base has its figure already').toHaveLength(1);
    expect(calls('generate')).toHaveLength(1);
  });

  test('lets nothing run beside it when a question goes, whose answers go at once', async () => {
    let end = () => {};
    const work = pausingLive(() => new Promise<void>((resolve) => (end = resolve)));
    remove('one');
    expect(answers().map(({ questionId }) => questionId)).not.toContain('one');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(engine.calls).toEqual([]);
    end();
    await work;
    await fresh(4);
    expect(calls('generate')).toHaveLength(2);
  });
});

describe('a question that is taken out', () => {
  test('makes those after it old by their place alone, and they are answered anew', async () => {
    remove('two');
    expect(stale()).toEqual(['base three another place', 'steered three another place']);
    await fresh(4);
    expect(calls('generate').map(({ params }) => (params as { streamIndices: number[] }).streamIndices)).toEqual([[1], [1]]);
    expect(calls('scoreAnswers')).toEqual([]);
  });

  test('comes back with undo; the chosen question and a pinned word stay what they are', async () => {
    const pinned = { conditionId: 'base', questionId: 'three', sample: 0, index: 0 };
    setSession({ questionIndex: 2, pinnedToken: pinned });
    remove('one');
    expect(getState().session).toMatchObject({ questionIndex: 1, pinnedToken: pinned });
    actions.undo();
    expect(getState().session).toMatchObject({ questionIndex: 2, pinnedToken: pinned });
    remove('three');
    expect(getState().session).toMatchObject({ questionIndex: 1, pinnedToken: null });
    await fresh(4);
  });

  test('of a recorded result asks for nothing: no model, no host; undo brings its recorded answers back', async () => {
    setRuntime({ modelStatus: 'none', modelInfo: null });
    await showDocument(recordedDocument('https://other.example/model/'));
    const before = getState().runtime.answers;
    remove('one');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(stale()).toEqual(['base', 'steered'].flatMap((id) => ['two', 'three'].map((one) => `${id} ${one} another place`)));
    actions.undo();
    expect(getState().runtime.answers).toEqual(before);
    actions.deleteCondition('steered');
    actions.undo();
    expect(getState().runtime.answers).toEqual(before);
    expect(engine.calls).toEqual([]);
    expect(getState().runtime).toMatchObject({ consent: null, recordedOnly: true });
  });

  test('is not counted against a recording that reproduces', async () => {
    await showDocument(recordedDocument('organism'));
    remove('two');
    expect(await recompute()).toMatchObject({ answers: 2, matched: 2, differences: [] });
    expect(
      getState()
        .runtime.notices.map(({ text }) => text)
        .join(),
    ).toContain('4 of 6 recorded answers have no place');
  });
});

describe('answers are of what made them', () => {
  const ran = (change: Partial<ModelInfo>) => setRuntime(({ modelInfo }) => ({ modelInfo: { ...(modelInfo as ModelInfo), ...change } }));

  test('of other weights or another backend they are old, without a model they stand', () => {
    setRuntime({ modelInfo: null });
    expect(stale()).toEqual([]);
    setRuntime({ modelInfo: { ...(fullState().runtime.modelInfo as ModelInfo), weights: 'q4' } });
    const { backend, weights } = fullState().runtime.modelInfo as ModelInfo;
    expect(stale()).toEqual(['base', 'steered'].flatMap((id) => IDS.map((one) => `${id} ${one} ${backend} ${weights}`)));
    expect(lean('base')?.leanStale).toBe(true);
    ran({ weights });
    expect(stale()).toEqual([]);
    expect(lean('base')?.leanStale).toBe(false);
  });

  test('another file under an adapter’s name is another adapter, where it is switched on', async () => {
    const adapter = { name: 'tuned', source: 'file:tuned', sha256: '1'.repeat(64) };
    recordInDocument((document) => ({ ...document, model: { ...document.model, adapters: [adapter] } }));
    expect(stale()).toEqual([]);
    actions.patchCondition('base', { adapterScales: { tuned: 1 } });
    await fresh(6);
    recordInDocument((document) => ({ ...document, model: { ...document.model, adapters: [{ ...adapter, sha256: '2'.repeat(64) }] } }));
    expect(stale().map((text) => text.split(' ')[0])).toEqual(['base', 'base', 'base']);
    await fresh(6);
  });

  test('a run of everything answers a condition as it is when its turn comes', async () => {
    engine.calls.length = 0;
    onGenerate = () => actions.patchCondition('steered', { systemPrompt: 'Be brief.' });
    await actions.runAll();
    await fresh(6);
    const prompts = calls('encodeChat').flatMap(({ params }) =>
      (params as RequestParams<'encodeChat'>).rows.map(({ messages }) => messages.length),
    );
    // Base first, whose questions were encoded before the change.
    expect(prompts.slice(IDS.length)).toEqual(expect.arrayContaining([2]));
    expect(prompts.slice(IDS.length)).not.toContain(1);
  });

  test('fewer samples taken back bring a recording’s answers back, without a model', async () => {
    setRuntime({ modelStatus: 'none', modelInfo: null });
    const document = recordedDocument('https://other.example/model/');
    await showDocument({
      ...document,
      sampling: { ...document.sampling, samplesPerQuestion: 2 },
      recorded: document.recorded && {
        ...document.recorded,
        answers: [0, 1].flatMap((sample) => (document.recorded?.answers ?? []).map((answer) => ({ ...answer, sample }))),
      },
    });
    expect(answers()).toHaveLength(12);
    actions.editDocument((current) => ({ ...current, sampling: { ...current.sampling, samplesPerQuestion: 1 } }));
    expect(answers()).toHaveLength(6);
    actions.undo();
    expect(answers()).toHaveLength(12);
  });

  test('a weight format chosen for a recorded result leaves it for answers of its own', async () => {
    await showDocument(recordedDocument('organism'));
    expect(getState().runtime.recordedOnly).toBe(true);
    await actions.loadModel({ source: 'organism', weights: 'q4' });
    expect(getState().runtime.recordedOnly).toBe(false);
    expect(getState().runtime.modelInfo?.weights).toBe('q4');
    await fresh(6);
  });
});

test('a recording judged by another judge than the present one is compared by its tokens alone, and it is said', async () => {
  await showDocument(recordedDocument('organism'));
  expect(await recompute()).toMatchObject({ answers: 6, matched: 6, scores: 6, scoresMatched: 6 });
  await actions.setJudge({ kind: 'programmatic', rule: { type: 'words', words: ['So'] } });
  expect(await recompute()).toMatchObject({ answers: 6, matched: 6, scores: 0, differences: [] });
  expect(
    getState()
      .runtime.notices.map(({ text }) => text)
      .join(),
  ).toContain('They are not compared');
});

test('a judge that gives no word here makes no difference of scores, and it is said', async () => {
  vi.stubGlobal('fetch', async () => new Response('no key', { status: 401 }));
  const document = recordedDocument('organism');
  const judge = { kind: 'api', baseUrl: 'https://judge.example/v1', model: 'm' } as const;
  await showDocument({ ...document, judge });
  const checked = recompute();
  await vi.waitFor(() => expect(getState().runtime.consent?.host).toBe('judge.example'));
  actions.answerConsent(true);
  expect(await checked).toMatchObject({ answers: 6, matched: 6, scores: 0, differences: [] });
  expect(
    getState()
      .runtime.notices.map(({ text }) => text)
      .join(),
  ).toContain('has not scored 6 of 6 answers here');
  // The next test's answers are not for this host.
  await actions.setJudge({ kind: 'programmatic', rule: { type: 'language', language: 'french' } });
});

test('a question asked of a recorded result is given back when its model is declined', async () => {
  setRuntime({ modelStatus: 'none', modelInfo: null });
  await showDocument(recordedDocument('https://other.example/model/'));
  const { items } = getState().document.questions;
  const asked = actions.ask('What now?');
  await vi.waitFor(() => expect(getState().runtime.consent).not.toBeNull());
  actions.answerConsent(false);
  expect(await asked).toBe(false);
  expect(getState().document.questions.items).toEqual(items);
});

describe('Recompute at another setting than the recording', () => {
  const notices = () =>
    getState()
      .runtime.notices.map(({ text }) => text)
      .join();
  const reported = () => ({ report: getState().runtime.recompute, stale: isRecomputeStale(getState()) });

  test('leaves out the answers of the condition that was changed and names it', async () => {
    await showDocument(recordedDocument('organism'));
    move(0.5);
    expect(await recompute()).toMatchObject({ answers: 3, matched: 3, differences: [] });
    expect(notices()).toContain('3 of 6 recorded answers are not compared: the setting of "steered" is another than the recording');
    expect(reported().stale).toBe(false);
    move(0.8);
    expect(reported().stale).toBe(true);
    await fresh(6);
    expect(await recompute()).toMatchObject({ answers: 6, matched: 6, differences: [] });
    expect(reported().stale).toBe(false);
  });

  test('runs nothing where every setting is another, and reports nothing', async () => {
    await showDocument(recordedDocument('organism'));
    actions.editDocument((document) => ({ ...document, sampling: { ...document.sampling, seed: 9 } }));
    expect(await recompute()).toMatchObject({ answers: 0 });
    expect(notices()).toContain('the setting of "base", "steered" is another');
    expect(engine.calls).toEqual([]);
    expect(reported().report).toBeNull();
  });

  test('knows the recording’s places though its answers were given anew at others', async () => {
    await showDocument(recordedDocument('organism'));
    await recompute();
    remove('one');
    expect(reported().stale).toBe(true);
    await fresh(4);
    expect(await recompute()).toMatchObject({ answers: 0 });
    actions.undo();
    await fresh(6);
    expect(reported().stale).toBe(false);
  });

  test('compares no answer whose setting a person changes meanwhile', async () => {
    await showDocument(recordedDocument('organism'));
    const call = engine.call.bind(engine) as typeof engine.call;
    // The base is asked first: what is changed then is of the other's setting.
    engine.call = (name, ...rest) => {
      if (name === 'generate' && calls('generate').length === 0) move(0.5);
      return call(name, ...rest);
    };
    expect(await recompute()).toMatchObject({ answers: 3, matched: 3, differences: [] });
    expect(notices()).toContain('their setting was changed meanwhile');
    expect(reported().stale).toBe(true);
  });

  test('a question more changes nothing of what was checked', async () => {
    await showDocument(recordedDocument('organism'));
    await recompute();
    await actions.ask('And now?');
    expect(reported()).toMatchObject({ stale: false, report: { matched: 6 } });
  });
});

/** What is on screen as a document's record. */
function recordedDocument(source: string): VaneDocument {
  const { sha256 } = fullState().runtime.modelInfo as ModelInfo;
  const recorded = answers().map(({ conditionId, questionId, ids }) => ({
    conditionId,
    questionId,
    sample: 0,
    ids,
    text: ids.map(() => 'So').join(''),
    scores: { alignment: null, coherence: null, domain: null, custom: 0 },
    stopReason: 'stop' as const,
  }));
  const document = steeredDocument();
  return {
    ...document,
    model: { ...document.model, source, sha256 },
    judge: { kind: 'programmatic', rule: { type: 'language', language: 'french' } },
    recorded: {
      createdAt: '2026-01-02T03:04:05.000Z',
      engineVersion: '1',
      backend: 'wasm',
      weights: 'f32',
      judgeName: '',
      answers: recorded,
    },
  };
}

test('a setting in words that has not changed is no reason to name', async () => {
  actions.editDocument((document) => ({ ...document, sampling: { ...document.sampling, seed: 9 } }));
  expect(stale()).toHaveLength(6);
  expect(answers().map(({ staleFrom }) => staleFrom)).toEqual(Array(6).fill(null));
  await fresh(6);
});
