import { beforeEach, describe, expect, test, vi } from 'vitest';
import { clearAnswers } from '../../src/store/answers';
import { appStore, runTask, setRuntime } from '../../src/store/app-store';
import { startOver } from '../../src/store/boot';
import { watchEngine } from '../../src/store/engine-failure';
import { beginStart, goOnWithFirstSight, goOnWithInstruments } from '../../src/store/start';
import { fullState } from '../gallery/sample-state';

/** What was done since the test began, in order. */
let done: string[] = [];
/** What the engine dies in, and how. */
let dies: { at: string; by: () => void } | null = null;
let listener: ((error: Error) => void) | null = null;

const DEAD = 'engine worker: expected it to run, but the browser ended it. Load the model again.';

/** A step that needs the engine; without a model it fails as the real one does. */
async function step(name: string): Promise<void> {
  if (!appStore.getState().runtime.modelInfo) throw new Error(`${name}: expected a loaded model, got none.`);
  done.push(name);
  await Promise.resolve();
  if (dies?.at !== name) return;
  const { by } = dies;
  dies = null;
  by();
  throw new Error(DEAD);
}

const task = async (label: string, name: string) => {
  await runTask(label, 'answers', () => step(name));
};
const load = async () => {
  done.push('load');
  setRuntime({ modelStatus: 'ready', modelInfo: fullState().runtime.modelInfo });
  return true;
};

vi.mock('../../src/store/engine-handle', () => ({
  theEngine: () => ({ onFailure: (heard: (error: Error) => void) => (listener = heard) }),
  callEngine: () => Promise.reject(new Error('no engine')),
}));
vi.mock('../../src/store/question-actions', () => ({ offerWorldQuestions: async () => undefined, takeQuestionSet: async () => undefined }));
vi.mock('../../src/store/judge-actions', () => ({ judgeFits: () => true, chooseJudge: async () => true, restJudge: () => undefined }));
vi.mock('../../src/store/lean', () => ({
  measureLean: async () => undefined,
  staleLeans: () => new Set(),
  markStaleLeans: () => undefined,
}));
vi.mock('../../src/store/run-actions', () => ({
  runConditions: ({ conditionIds }: { conditionIds?: Set<string> }) => step(conditionIds ? 'first answers' : 'answers'),
}));
vi.mock('../../src/store/direction-actions', () => ({ computeDirection: () => task('Direction', 'direction') }));
vi.mock('../../src/store/map-actions', () => ({ showMap: () => step('map') }));
vi.mock('../../src/store/control-actions', () => ({
  runSweep: () => task('Sweep', 'sweep'),
  runControls: (id: string) => task('Controls', `controls ${id}`),
}));
vi.mock('../../src/store/organism-directions', () => ({ keepOrganismDirections: () => task('Other organisms', 'organisms') }));
vi.mock('../../src/store/recorded-result', () => ({ measureLink: async () => undefined }));
vi.mock('../../src/store/link-actions', () => ({ openLink: async () => undefined, loadDocumentModel: () => load() }));
vi.mock('../../src/store/model-actions', () => ({
  loadModel: () => load(),
  endTasks: () => undefined,
  dropReadings: () => clearAnswers(),
}));

const WHOLE = ['load', 'first answers', 'direction', 'answers', 'sweep', 'controls ablated', 'controls steered', 'organisms'];
const { getState } = appStore;
const notices = () => getState().runtime.notices;

/** The engine dies as the real one does: the model is gone and everyone hears of it. */
const death = () => {
  setRuntime({ modelInfo: null });
  listener?.(new Error(DEAD));
};

beforeEach(() => {
  vi.stubGlobal('location', { search: '', hash: '', host: 'page.example' });
  done = [];
  dies = null;
  setRuntime({ notices: [], tasks: [], modelInfo: null, questionSets: [] });
  watchEngine();
});

describe('the start', () => {
  test('takes its steps in order', async () => {
    await startOver();
    await goOnWithInstruments();
    expect(done).toEqual(WHOLE);
    expect(notices()).toEqual([]);
  });

  test.each(['first answers', 'direction', 'answers', 'sweep', 'controls ablated'])(
    'cut off by a dead engine in %s is one error, and going on completes it',
    async (at) => {
      dies = { at, by: death };
      await startOver();
      await goOnWithInstruments();
      expect(done.at(-1)).toBe(at);
      expect(notices().map(({ text }) => text)).toEqual([DEAD]);
      const before = done.length;
      notices()[0]
        ?.actions.find(({ label }) => label === 'Retry now')
        ?.run();
      await vi.waitFor(() => expect(done.at(-1)).toBe('organisms'));
      expect(done[before]).toBe('load');
      expect(done.slice(before).filter((name) => name !== 'load' && WHOLE.indexOf(name) < WHOLE.indexOf(at))).toEqual(
        // Answers that are missing are looked for after every loss of the engine.
        WHOLE.indexOf(at) > WHOLE.indexOf('answers') ? ['answers'] : [],
      );
      expect(WHOLE.filter((name) => !done.includes(name))).toEqual([]);
      expect(notices().map(({ text }) => text)).toEqual([DEAD]);
    },
  );

  test('ends when another document comes', async () => {
    dies = { at: 'direction', by: () => clearAnswers() };
    await startOver();
    await goOnWithInstruments();
    await goOnWithFirstSight();
    expect(done).toEqual(['load', 'first answers', 'direction']);
    beginStart();
    await goOnWithFirstSight();
    expect(done.slice(3)).toEqual(['first answers', 'direction', 'answers']);
  });
});
