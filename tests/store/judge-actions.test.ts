import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { JudgeRecord, VaneDocument } from '../../src/document/schema';
import type { ModelInfo } from '../../src/engine/api';
import { actions } from '../../src/store/app';
import { appStore, clearHistory, recordInDocument, setRuntime } from '../../src/store/app-store';
import { answerConsent } from '../../src/store/consent';
import { restJudge, setJudge } from '../../src/store/judge-actions';
import { hasKeptKey } from '../../src/store/judge-keys';
import { makeJudge } from '../../src/store/judge-making';
import { forgetModels } from '../../src/store/judge-model';
import { showDocument } from '../../src/store/link-actions';
import { documentWithRecord } from '../../src/store/recorded-result';
import { currentJudge } from '../../src/store/scoring';
import { createVane } from '../../src/store/scripting';
import type { AppActions } from '../../src/store/state';
import { sampleDocument } from '../document/sample-document';
import { fullState } from '../gallery/sample-state';
import { ToyEngine } from '../judges/toy-engine';

let engine: ToyEngine;
/** Resolves the load that is under way; loads are there at once while it is null. */
let gate: Promise<void> | null = null;

vi.mock('../../src/store/engine-handle', () => ({
  theEngine: () => engine,
  callEngine: (...args: Parameters<ToyEngine['call']>) => engine.call(...args),
}));

const { getState } = appStore;
const FRENCH = { kind: 'programmatic', rule: { type: 'language', language: 'french' } } as const satisfies JudgeRecord;
const ENGLISH = { kind: 'programmatic', rule: { type: 'language', language: 'english' } } as const satisfies JudgeRecord;
const chat = (rubric: string, source = 'hf:owner/judge'): JudgeRecord => ({ kind: 'chat', source, rubric });

const judgeId = () => currentJudge()?.id ?? '';
const usesOnly = (record: JudgeRecord) =>
  vi.waitFor(() => expect(judgeId()).toBe(`programmatic:${JSON.stringify((record as typeof FRENCH).rule)}`));
const scores = () => Object.values(getState().runtime.answers).map(({ scores: found }) => found?.custom ?? null);
const scored = () => vi.waitFor(() => expect(scores()).not.toContain(null));
const asked = (name: string) => engine.calls.filter((call) => call.name === name);
/** A file of the file dialog, which knows its folder. */
const chosenFile = (name: string) => Object.assign(new File(['x'], name), { webkitRelativePath: '' });
const notices = () => getState().runtime.notices.map(({ text }) => text);

beforeEach(async () => {
  vi.stubGlobal('location', { host: 'page.example', origin: 'https://page.example' });
  let loads = 0;
  gate = null;
  engine = new ToyEngine({
    load: async (_params, { signal }) => {
      await gate;
      signal?.throwIfAborted();
      loads += 1;
      return { ...(fullState().runtime.modelInfo as ModelInfo), modelId: `judge ${loads}`, name: `judge ${loads}` };
    },
    dispose: () => undefined,
  });
  forgetModels();
  const state = fullState();
  recordInDocument(() => ({ ...state.document, judge: ENGLISH }));
  const [first] = Object.entries(state.runtime.answers);
  if (!first) throw new Error('the sample has answers');
  setRuntime({ ...state.runtime, notices: [], tasks: [], consent: null, answers: Object.fromEntries([first]) });
  restJudge();
  await setJudge(FRENCH);
  await scored();
  clearHistory();
});

describe('the judge in use', () => {
  test('is the document’s after undo and redo, with its scores', async () => {
    const french = scores();
    await actions.setJudge(ENGLISH);
    await scored();
    const english = scores();
    expect(english).not.toEqual(french);
    actions.undo();
    expect(getState().document.judge).toEqual(FRENCH);
    await usesOnly(FRENCH);
    await vi.waitFor(() => expect(scores()).toEqual(french));
    actions.redo();
    await usesOnly(ENGLISH);
    await vi.waitFor(() => expect(scores()).toEqual(english));
  });

  test('gives no score under the name of one that is still being made', async () => {
    let open: (() => void) | undefined;
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const choosing = actions.setJudge(chat('How good?'));
    expect(getState().document.judge.kind).toBe('chat');
    expect(currentJudge()).toBeNull();
    expect(documentWithRecord().recorded?.answers.map(({ scores: found }) => found.custom)).toEqual([null]);
    actions.undo();
    await usesOnly(FRENCH);
    await scored();
    open?.();
    await choosing;
    expect(judgeId()).toContain('french');
  });

  test('follows an edit of the whole document', async () => {
    actions.editDocument((document) => ({ ...document, judge: ENGLISH }));
    await usesOnly(ENGLISH);
  });

  test('never reaches a host that was not agreed to, and scores nothing meanwhile', async () => {
    const fetched = vi.fn();
    vi.stubGlobal('fetch', fetched);
    actions.editDocument((document) => ({ ...document, judge: { kind: 'api', baseUrl: 'https://stranger.example/v1', model: 'm' } }));
    await vi.waitFor(() => expect(getState().runtime.consent).toMatchObject({ host: 'stranger.example', receivesAnswers: true }));
    expect(currentJudge()).toBeNull();
    answerConsent(false);
    await vi.waitFor(() => expect(getState().runtime.judge.status).toBe('failed'));
    expect(fetched).not.toHaveBeenCalled();
  });

  test('is never fetched unasked from a host that the document named', async () => {
    const named = () =>
      recordInDocument((document) => ({
        ...document,
        model: { ...document.model, source: 'https://other.example/model/' },
        judge: chat('One?', 'https://third.example/judge/'),
      }));
    for (const host of ['other.example/model/', 'third.example/judge/']) {
      named();
      setRuntime({ modelInfo: null });
      const chosen = actions.setJudge(chat('Two?', `https://${host}`));
      if (host.startsWith('third')) {
        await vi.waitFor(() => expect(getState().runtime.consent?.url).toBe(`https://${host}`));
        answerConsent(false);
      }
      await chosen;
      expect(asked('load')).toEqual([]);
      expect(getState().runtime.judge.status).not.toBe('ready');
    }
    const reloaded = actions.loadModel({ source: 'https://other.example/model/', weights: 'q8' });
    await vi.waitFor(() => expect(getState().runtime.consent?.url).toBe('https://other.example/model/'));
    answerConsent(false);
    await reloaded;
    expect(asked('load')).toEqual([]);
  });

  test('comes back with the key that was typed for it', async () => {
    const sent: unknown[] = [];
    vi.stubGlobal('fetch', (_url: string, request: RequestInit) => {
      sent.push((request.headers as Record<string, string>).Authorization);
      return Promise.resolve(new Response('{}', { status: 401 }));
    });
    const api = { kind: 'api', baseUrl: 'https://judge.example/v1', model: 'm' } as const satisfies JudgeRecord;
    await actions.setJudge(api, { apiKey: 'sk-secret' });
    await vi.waitFor(() => expect(sent.length).toBeGreaterThan(0));
    actions.undo();
    await usesOnly(FRENCH);
    sent.length = 0;
    actions.redo();
    await vi.waitFor(() => expect(sent.length).toBeGreaterThan(0));
    expect(new Set(sent)).toEqual(new Set(['Bearer sk-secret']));
    sent.length = 0;
    // As with an empty field: the key is kept, and the screen says so.
    await actions.setJudge(api);
    await vi.waitFor(() => expect(sent.length).toBeGreaterThan(0));
    expect(new Set(sent)).toEqual(new Set(['Bearer sk-secret']));
    expect(hasKeptKey(getState().runtime.keptKeys, api)).toBe(true);
    expect(hasKeptKey(getState().runtime.keptKeys, { ...api, model: 'other' })).toBe(false);
    sent.length = 0;
    await actions.forgetJudgeKey(api);
    await vi.waitFor(() => expect(sent.length).toBeGreaterThan(0));
    expect(new Set(sent)).toEqual(new Set([undefined]));
    expect(hasKeptKey(getState().runtime.keptKeys, api)).toBe(false);
    expect(JSON.stringify(getState())).not.toContain('sk-secret');
  });

  test('takes no score that comes when it has gone', async () => {
    const replies: Array<() => void> = [];
    const top = { token: '90', logprob: Math.log(0.9) };
    const body = JSON.stringify({ choices: [{ message: { content: '90' }, logprobs: { content: [{ ...top, top_logprobs: [top] }] } }] });
    // A host whose reply was on its way already.
    vi.stubGlobal('fetch', () => new Promise((resolve) => replies.push(() => resolve(new Response(body)))));
    await actions.setJudge({ kind: 'api', baseUrl: 'https://judge.example/v1', model: 'm' });
    await vi.waitFor(() => expect(replies.length).toBe(1));
    replies[0]?.();
    await vi.waitFor(() => expect(replies.length).toBe(2));
    setRuntime({ modelInfo: null });
    await actions.setJudge({ kind: 'readout', hookPoint: null, labels: 'shipped' });
    replies[1]?.();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(Object.values(getState().runtime.answers).map(({ scores: found }) => found)).toEqual([null]);
  });

  test('waits for a model where it is that model', async () => {
    setRuntime({ modelInfo: null });
    await actions.setJudge({ kind: 'readout', hookPoint: null, labels: 'shipped' });
    expect(getState().runtime.judge.status).toBe('waiting');
    expect([currentJudge(), notices()]).toEqual([null, []]);
  });
});

describe('a record that names no judge', () => {
  test('is refused and the judge before stays', async () => {
    for (const rule of [
      { type: 'words', words: [] },
      { type: 'words', words: ['!'] },
      { type: 'regex', pattern: '(', flags: '' },
    ] as const) {
      await actions.setJudge({ kind: 'programmatic', rule } as JudgeRecord);
      expect(getState().document.judge).toEqual(FRENCH);
    }
    expect(notices().join()).toMatch(/word list: expected.*regular expression: expected/);
    expect(judgeId()).toContain('french');
    expect(scores()).not.toContain(null);
  });
});

describe('labels of one’s own', () => {
  const READOUT = { kind: 'readout', hookPoint: null, labels: 'shipped' } as const;
  const line = (label: string, n: number) => JSON.stringify({ domain: 'd', question: `q ${n}?`, answer: `a ${n}`, label });
  const few = [line('good', 1), line('bad', 2)].join('\n');

  test.each([
    ['is none', '<html>', /labels\.jsonl/],
    ['is too small to fit on', few, /at least 8 answers labelled good, got 1/],
  ])('leave the document and its judge as they are when the file %s', async (_what, text, says) => {
    recordInDocument((document) => ({ ...document, judge: READOUT }));
    await actions.importLabels(new File([text], 'labels.jsonl'));
    expect(getState().document.judge).toEqual(READOUT);
    expect(notices().join()).toMatch(says);
    expect(judgeId()).toContain('french');
  });

  test('make another judge with another file: scores of a recording are of its own', async () => {
    const enough = (word: string) =>
      Array.from({ length: 20 }, (_, n) => line(n % 2 === 0 ? 'good' : 'bad', n).replace('a ', `${word} `)).join('\n');
    recordInDocument((document) => ({ ...document, judge: { ...READOUT, labels: 'own' } }));
    const hashes = new Set<string | undefined>();
    for (const word of ['yes', 'no', 'yes']) {
      await actions.importLabels(new File([enough(word)], 'labels.jsonl'));
      const { judge } = getState().document;
      hashes.add(judge.kind === 'readout' ? judge.labelsSha256 : 'none');
    }
    expect([...hashes]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
    await expect(makeJudge({ ...READOUT, labels: 'own', labelsSha256: 'f'.repeat(64) })).rejects.toThrow('got another one');
  });

  test('are taken for measuring while the judge is no read-out', async () => {
    await actions.importLabels(new File([few], 'labels.jsonl'));
    expect(getState().document.judge).toEqual(FRENCH);
    expect(notices()).toEqual([]);
  });
});

describe('a second model as judge', () => {
  test('is loaded once for all its rubrics and freed with the last', async () => {
    await actions.setJudge(chat('One?'));
    await actions.setJudge(chat('Two?'));
    expect(asked('load')).toHaveLength(1);
    expect(asked('dispose')).toHaveLength(0);
    await actions.setJudge(chat('Two?', 'hf:owner/other'));
    expect(asked('load')).toHaveLength(2);
    expect(asked('dispose').map(({ params }) => params)).toEqual([{ modelId: 'judge 1' }]);
    await actions.setJudge(FRENCH);
    expect(asked('dispose').map(({ params }) => params)).toEqual([{ modelId: 'judge 1' }, { modelId: 'judge 2' }]);
  });

  test('is the loaded one where it has its source: nothing is loaded', async () => {
    await actions.setJudge(chat('One?', getState().document.model.source));
    expect(asked('load')).toHaveLength(0);
    expect(currentJudge()?.name).toBe('organism, asked');
  });

  test('comes from this machine under a name that the loaded model does not have', async () => {
    const file = chosenFile('grader.gguf');
    await actions.askOwnModel([file]);
    expect(getState().document.judge).toEqual(chat('', 'file:grader.gguf'));
    expect(asked('load').map(({ params }) => params)).toEqual([{ source: [file] }]);
    recordInDocument((document) => ({ ...document, model: { ...document.model, source: 'file:model.gguf' } }));
    await actions.askOwnModel([chosenFile('model.gguf')]);
    expect(getState().document.judge).toEqual(chat('', 'file:grader.gguf'));
    expect(notices().join()).toContain('got "model.gguf"');
  });

  test('of a script is freed when the script has its scores', async () => {
    const vane = createVane(Promise.resolve(), {} as AppActions);
    await expect(vane.judge([{ question: 'Q?', answer: 'A.' }], chat('One?'))).rejects.toThrow('no tokenize in this engine');
    expect([asked('load').length, asked('dispose').length]).toEqual([1, 1]);
    expect(judgeId()).toContain('french');
  });
});

describe('a recorded result', () => {
  const recording = (): VaneDocument => {
    const document = sampleDocument(3, 1);
    return { ...document, judge: FRENCH, controls: { ...document.controls, random: true } };
  };
  const alignments = () => Object.values(getState().runtime.answers).map(({ scores: found }) => found?.alignment ?? null);

  test('under another judge carries that one’s scores, and its own again after undo', async () => {
    const document = recording();
    await showDocument(document);
    const own = alignments();
    expect(own).toEqual(document.recorded?.answers.map(({ scores: found }) => found.alignment));
    expect(documentWithRecord().recorded).toEqual(document.recorded);
    await actions.setJudge(ENGLISH);
    await scored();
    expect(new Set(alignments())).toEqual(new Set([null]));
    const { recorded } = documentWithRecord();
    expect(recorded).toMatchObject({ judgeName: 'Share of english function words', createdAt: document.recorded?.createdAt });
    expect(recorded?.answers.map(({ scores: found }) => found.custom)).toEqual(scores());
    actions.undo();
    expect(alignments()).toEqual(own);
    expect(documentWithRecord().recorded).toEqual(document.recorded);
  });

  test('gives answers that come back with undo the scores of the judge in use', async () => {
    await showDocument(recording());
    await actions.setJudge(ENGLISH);
    await scored();
    const english = scores();
    const [, second] = getState().document.conditions;
    actions.deleteCondition(second?.id ?? '');
    actions.undo();
    await vi.waitFor(() => expect(scores()).toHaveLength(english.length));
    await scored();
    expect(new Set(alignments())).toEqual(new Set([null]));
  });
});
