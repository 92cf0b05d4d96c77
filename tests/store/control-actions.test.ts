import { beforeEach, describe, expect, test, vi } from 'vitest';
import { toDirectionRecord } from '../../src/document/direction-record';
import { clearAnswers } from '../../src/store/answers';
import { appStore, recordInDocument, setRuntime } from '../../src/store/app-store';
import { runControls, runSweep } from '../../src/store/control-actions';
import { refreshDirections } from '../../src/store/direction-actions';
import { sampleDirection } from '../document/sample-document';
import { fullState } from '../gallery/sample-state';

/** What the evaluation of each condition comes to, in order; null ends well. */
let outcomes: Array<(() => Error) | null> = [];
/** Called before each. */
let before = () => {};
/** Score of the judge's own that each answer gets. */
const CUSTOM = 62;

vi.mock('../../src/store/engine-handle', () => ({ theEngine: () => ({}), callEngine: () => Promise.reject(new Error('no engine')) }));
vi.mock('../../src/store/judge-actions', () => ({ presentJudge: async () => null, restJudge: () => undefined }));
vi.mock('../../src/experiments/evaluate', () => ({
  evaluate: async () => {
    before();
    const outcome = outcomes.shift();
    if (outcome) throw outcome();
    const scores = { alignment: null, coherence: null, domain: null, custom: CUSTOM };
    return { answers: Array.from({ length: 8 }, () => ({ scores })), summaries: {}, judgeError: null };
  },
}));

const { getState } = appStore;
const statuses = () => getState().runtime.controls.steered?.map(({ status }) => status);
const cancelled = () => new DOMException('cancelled', 'AbortError');

beforeEach(() => {
  outcomes = [];
  before = () => {};
  clearAnswers();
  const { document, runtime } = fullState();
  const direction = { ...sampleDirection(6), id: 'tone' };
  recordInDocument(() => ({
    ...document,
    directions: [toDirectionRecord(direction)],
    interventions: document.interventions.map((item) => ({ ...item, directionId: 'tone' })),
    controls: { random: true, randomSeeds: [1, 2], flipped: true, orthogonal: false, goodAdapter: null },
  }));
  refreshDirections();
  setRuntime({ modelStatus: 'ready', modelInfo: runtime.modelInfo, recordedOnly: false, notices: [], tasks: [], sweeps: {} });
});

describe('controls that do not come to their end', () => {
  test('are cancelled once the run is, and those that were done stand', async () => {
    outcomes = [null, cancelled];
    await runControls('steered');
    expect(statuses()).toEqual(['done', 'cancelled', 'cancelled']);
    expect(getState().runtime.notices).toEqual([]);
    await runControls('steered');
    expect(statuses()).toEqual(['done', 'done', 'done']);
  });

  test('have failed where the engine fails, and a notice says why', async () => {
    outcomes = [() => new Error('engine worker: expected it to run, but it ended.')];
    await runControls('steered');
    expect(statuses()).toEqual(['failed', 'failed', 'failed']);
    expect(
      getState()
        .runtime.notices.map(({ text }) => text)
        .join(),
    ).toContain('expected it to run');
  });

  test('put nothing in the place of another document’s', async () => {
    outcomes = [cancelled];
    before = () => clearAnswers();
    await runControls('steered');
    expect(getState().runtime.controls).toEqual({});
  });
});

test('a sweep holds the judge’s own score', async () => {
  await runSweep('steering');
  const points = getState().runtime.sweeps.steering;
  expect(points?.length).toBeGreaterThan(9);
  expect(points?.[0]).toMatchObject({ alignment: { mean: null, n: 0 }, custom: { mean: CUSTOM, n: 8 } });
});
