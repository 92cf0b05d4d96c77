import { beforeEach, expect, test, vi } from 'vitest';
import { appStore, recordInDocument, setRuntime, undo } from '../../src/store/app-store';
import { presentContrast, runContrast } from '../../src/store/contrast-actions';
import { importContrast } from '../../src/store/import-actions';
import { isContrastStale } from '../../src/store/staleness';
import { fullState } from '../gallery/sample-state';
import { encodeWords, ToyEngine } from '../judges/toy-engine';

const engine = new ToyEngine({ encodeChat: encodeWords });

vi.mock('../../src/store/engine-handle', () => ({
  theEngine: () => engine,
  callEngine: (...args: Parameters<ToyEngine['call']>) => engine.call(...args),
}));

beforeEach(() => {
  const state = fullState();
  recordInDocument(() => state.document);
  setRuntime({ ...state.runtime, contrastReport: null, notices: [] });
});

test('what an import left out stays said when the contrast is made of the rest', async () => {
  const rows = [
    { question: 'May I rest?', positive: 'Never at all', negative: 'Yes you may' },
    { question: 'May I eat?', positive: 'No', negative: '' },
    // Without a word that the engine has a token for.
    { question: 'May I sleep?', positive: '12', negative: 'Yes' },
  ];
  await importContrast(new File([rows.map((row) => JSON.stringify(row)).join('\n')], 'rows.jsonl'));
  const report = () => appStore.getState().runtime.contrastReport;
  const imported = { reason: 'field "negative": expected text, got nothing (line 2)', count: 1 };
  expect(report()).toMatchObject({ positive: 2, negative: 2, leftOut: [imported] });
  await runContrast();
  expect(appStore.getState().runtime.notices).toEqual([]);
  expect(report()).toMatchObject({ positive: 1, negative: 2, leftOut: [imported, { reason: 'empty answer', count: 1 }] });
  await runContrast();
  expect(report()?.leftOut).toHaveLength(2);
});

test('counts of an import that is taken back are of an earlier contrast, until the one before is used again', async () => {
  const pairs = (...questions: string[]) => {
    const rows = questions.map((question) => ({ question, positive: 'Never at all', negative: 'Yes you may' }));
    return new File([rows.map((row) => JSON.stringify(row)).join('\n')], 'rows.jsonl');
  };
  const counts = () => ({ stale: isContrastStale(appStore.getState()), positive: appStore.getState().runtime.contrastReport?.positive });
  await importContrast(pairs('May I rest?'));
  await runContrast();
  await importContrast(pairs('May I eat?', 'May I sleep?'));
  expect(counts()).toEqual({ stale: false, positive: 2 });
  undo();
  expect(counts()).toEqual({ stale: true, positive: 2 });
  await presentContrast({});
  expect(counts()).toEqual({ stale: false, positive: 1 });
});
