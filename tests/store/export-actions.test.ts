import { beforeEach, describe, expect, test } from 'vitest';
import { ArgumentError } from '../../src/core/errors';
import { readDirectionFile } from '../../src/formats/direction-file';
import { appStore, recordInDocument, setRuntime, setSession } from '../../src/store/app-store';
import { exportBlob } from '../../src/store/export-actions';
import type { ExportKind } from '../../src/store/state';
import { sampleDirection } from '../document/sample-document';
import { fullState } from '../gallery/sample-state';

const at = (name: string, hookPoint: string, seed: number) => ({ ...sampleDirection(8, seed), id: name, name, hookPoint });
const notices = () =>
  appStore
    .getState()
    .runtime.notices.map(({ text }) => text)
    .join();

beforeEach(() => {
  setRuntime({
    notices: [],
    directions: [
      at('medicine', 'blocks.3.hook_resid_post', 1),
      at('finance', 'blocks.3.hook_resid_post', 2),
      at('sports', 'blocks.4.hook_resid_pre', 3),
      at('late', 'blocks.5.hook_resid_post', 4),
      at('early', 'blocks.0.hook_resid_pre', 5),
    ],
  });
  setSession({ activeDirectionId: 'medicine' });
});

describe('a control vector', () => {
  const written = async () => {
    const blob = await exportBlob('directions.gguf');
    const file = new File([blob], 'v.gguf');
    return (await readDirectionFile(file, 'v.gguf', 'blocks.1.hook_resid_post')).directions.map(({ name }) => name);
  };

  test('holds the shown direction of a block and says which it leaves out', async () => {
    expect(await written()).toEqual(['medicine', 'late']);
    expect(notices()).toContain('written with "medicine", "late" and without "finance" (blocks.3.hook_resid_post), "sports"');
    expect(notices()).toContain('"early" (blocks.0.hook_resid_pre)');
  });

  test('holds the last one where none of a block is shown, and says nothing when all are in', async () => {
    setSession({ activeDirectionId: 'late' });
    expect(await written()).toEqual(['sports', 'late']);
    setRuntime({ notices: [], directions: [at('late', 'blocks.5.hook_resid_post', 4)] });
    expect(await written()).toEqual(['late']);
    expect(notices()).toBe('');
  });

  test('of nothing but what it cannot say is refused', async () => {
    setRuntime({ directions: [at('early', 'blocks.0.hook_resid_pre', 5)] });
    await expect(exportBlob('directions.gguf')).rejects.toThrow('expected the output of block 1 or later');
  });
});

test('an unknown kind is refused with the kinds there are', async () => {
  for (const kind of ['csv', undefined, 3]) await expect(exportBlob(kind as ExportKind)).rejects.toThrow(ArgumentError);
  await expect(exportBlob('csv' as ExportKind)).rejects.toThrow(
    'export: expected one of document, directions.safetensors, directions.npz, directions.gguf, answers.csv, answers.jsonl, scores.csv, scores.jsonl, got "csv".',
  );
});

test('every figure says whether it is of the present setting: scores, the instant figure and controls each for themselves', async () => {
  const { document, runtime } = fullState();
  const { steered } = runtime.summaries;
  if (!steered) throw new Error('figures are expected');
  recordInDocument(() => document);
  setRuntime({ ...runtime, summaries: { ...runtime.summaries, steered: { ...steered, stale: true, leanStale: false } } });
  const stale = async () => {
    const rows = (await (await exportBlob('scores.jsonl')).text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const of = (conditionId: string, figure: string, isControl = false) =>
      rows.find((row) => row.conditionId === conditionId && row.figure === figure && (row.control !== '') === isControl)?.stale;
    return [
      of('base', 'alignment'),
      of('steered', 'alignment'),
      of('steered', 'lean'),
      of('steered', 'em'),
      of('steered', 'alignment', true),
    ];
  };
  expect(await stale()).toEqual([false, true, false, true, false]);
  setRuntime({ summaries: { ...runtime.summaries, steered: { ...steered, stale: false, leanStale: true } } });
  recordInDocument((before) => ({ ...before, interventions: before.interventions.map((record) => ({ ...record, coefficient: 0.11 })) }));
  expect(await stale()).toEqual([false, false, true, false, true]);
  const [header] = (await (await exportBlob('scores.csv')).text()).split('\n');
  expect(header).toContain('stale');
});
