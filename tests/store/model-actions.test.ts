import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ModelInfo } from '../../src/engine/api';
import { actions } from '../../src/store/app';
import { appStore, recordInDocument, setRuntime } from '../../src/store/app-store';
import { fullState } from '../gallery/sample-state';
import { ToyEngine } from '../judges/toy-engine';

const sample = fullState().runtime.modelInfo as ModelInfo;
const loaded = { name: 'tone', sha256: '1'.repeat(64), rank: 1, modules: [] };
let engine: ToyEngine;

vi.mock('../../src/store/engine-handle', () => ({
  theEngine: () => engine,
  callEngine: (...args: Parameters<ToyEngine['call']>) => engine.call(...args),
}));

const { getState } = appStore;
const notices = () => getState().runtime.notices.map(({ text }) => text);
const names = () => getState().document.model.adapters.map(({ name }) => name);

beforeEach(() => {
  engine = new ToyEngine({ loadAdapter: () => ({ ...sample, adapters: [loaded] }) });
  recordInDocument(() => ({ ...fullState().document, model: { ...fullState().document.model, adapters: [] } }));
  setRuntime({ modelStatus: 'ready', modelInfo: sample, recordedOnly: false, notices: [], tasks: [] });
});

describe('an adapter that is added', () => {
  test('stands in the document once it is loaded', async () => {
    expect(await actions.addAdapter('tone', 'hf:owner/tone')).toBe(true);
    expect(getState().document.model.adapters).toEqual([{ name: 'tone', source: 'hf:owner/tone', sha256: loaded.sha256 }]);
  });

  test('without a model is refused with what is missing', async () => {
    setRuntime({ modelStatus: 'none', modelInfo: null });
    expect(await actions.addAdapter('tone', 'hf:owner/tone')).toBe(false);
    expect(notices()).toEqual(['adapter: expected a loaded model, got none. Load one in step 1, then add the adapter.']);
    expect([names(), engine.calls]).toEqual([[], []]);
    setRuntime({ modelStatus: 'ready', modelInfo: sample });
    expect(await actions.addAdapter('tone', 'hf:owner/tone')).toBe(true);
    expect(notices()).toEqual([]);
  });

  test('that cannot be loaded is not taken up, and a notice says why', async () => {
    engine = new ToyEngine({});
    expect(await actions.addAdapter('tone', 'hf:owner/tone')).toBe(false);
    expect(notices().join()).toContain('no loadAdapter in this engine');
    expect(names()).toEqual([]);
  });
});
