import { beforeEach, describe, expect, test, vi } from 'vitest';
import { SourceError } from '../../src/core/errors';
import { emptyDocument, type VaneDocument } from '../../src/document/schema';
import type { ModelInfo } from '../../src/engine/api';
import { appStore, setRuntime } from '../../src/store/app-store';
import { leaveRecording, loadDocumentModel, showDocument } from '../../src/store/link-actions';
import { loadModel } from '../../src/store/model-actions';
import { startPlainModel } from '../../src/store/plain-model';
import { fullState } from '../gallery/sample-state';
import { ToyEngine } from '../judges/toy-engine';

interface Load {
  source: unknown;
  finish: (patch?: Partial<ModelInfo>) => void;
  fail: (error: Error) => void;
}

/** Loads that were asked for, to be ended by the test. */
let loads: Load[] = [];
let engine: ToyEngine;

vi.mock('../../src/store/engine-handle', () => ({
  theEngine: () => engine,
  callEngine: (...args: Parameters<ToyEngine['call']>) => engine.call(...args),
}));

const sample = fullState().runtime.modelInfo as ModelInfo;
const { getState } = appStore;
const notices = () => getState().runtime.notices.map(({ text }) => text);
const disposed = () => engine.calls.flatMap(({ name, params }) => (name === 'dispose' ? [(params as { modelId: string }).modelId] : []));
const asked = (count: number) => vi.waitFor(() => expect(loads).toHaveLength(count));
const end = (at: number, patch?: Partial<ModelInfo>) => loads[at]?.finish(patch);
const cancel = () =>
  getState()
    .runtime.tasks.find(({ label }) => label === 'Load model')
    ?.cancel();

/** A document that names a host of its own, as a link may. */
function documentOf(source: string, patch: Partial<VaneDocument> = {}): VaneDocument {
  const document = emptyDocument();
  const judge = { kind: 'programmatic', rule: { type: 'language', language: 'french' } } as const;
  return { ...document, model: { ...document.model, source, sha256: '' }, judge, ...patch };
}

const RECORD: VaneDocument['recorded'] = {
  createdAt: '2026-01-02T03:04:05.000Z',
  engineVersion: '1.0.0',
  backend: 'wasm',
  weights: 'f32',
  judgeName: '',
  answers: [],
};

beforeEach(async () => {
  vi.stubGlobal('location', { host: 'page.example' });
  loads = [];
  engine = new ToyEngine({
    load: ({ source }, { signal }) =>
      new Promise((resolve, reject) => {
        const at = loads.length + 1;
        const finish = (patch?: Partial<ModelInfo>) => resolve({ ...sample, modelId: `model-${at}`, adapters: [], ...patch });
        loads.push({ source, finish, fail: reject });
        signal?.addEventListener('abort', () => reject(new DOMException('The call was aborted.', 'AbortError')));
      }),
    dispose: () => undefined,
    capabilities: () => ({ webgpu: false, webgpuDetail: '', threads: 1 }) as never,
  });
  await showDocument(documentOf('organism', { recorded: RECORD }));
  setRuntime({ notices: [], tasks: [], modelStatus: 'none', modelInfo: null });
});

describe('what is asked for while a model loads', () => {
  test('of a recorded result takes part in the one load', async () => {
    const first = leaveRecording();
    await asked(1);
    const second = leaveRecording();
    end(0);
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect(loads).toHaveLength(1);
    expect(getState().runtime).toMatchObject({ modelStatus: 'ready', recordedOnly: false });
  });

  test('waits for a load that somebody else has begun', async () => {
    setRuntime({ recordedOnly: false });
    const load = loadModel({ source: 'organism', sameModel: true });
    const asking = leaveRecording();
    await asked(1);
    end(0);
    expect(await load).toBe(true);
    expect(await asking).toBe(true);
    expect(loads).toHaveLength(1);
  });

  test('ends with a load that is cancelled: no second one comes behind the back of who has waited', async () => {
    setRuntime({ recordedOnly: false });
    const load = loadModel({ source: 'organism' });
    const asking = leaveRecording();
    await asked(1);
    cancel();
    expect(await load).toBe(false);
    expect(await asking).toBe(false);
    expect(loads).toHaveLength(1);
    expect(getState().runtime.modelStatus).toBe('failed');
  });

  test('is void when another document comes', async () => {
    const asking = leaveRecording();
    await asked(1);
    await showDocument(documentOf('https://other.example/model/', { recorded: RECORD }));
    expect(await asking).toBe(false);
    expect(getState().runtime).toMatchObject({ modelStatus: 'none', recordedOnly: true, consent: null });
    expect(loads).toHaveLength(1);
  });
});

describe('two loads', () => {
  test('are the newest alone: the other ends and says nothing of the model', async () => {
    const first = loadModel({ source: 'one' });
    await asked(1);
    const second = loadModel({ source: 'two' });
    expect(await first).toBe(false);
    expect(getState().runtime.modelStatus).toBe('loading');
    await asked(2);
    end(1);
    expect(await second).toBe(true);
    expect(getState().document.model.source).toBe('two');
    expect(getState().runtime.modelInfo?.modelId).toBe('model-2');
  });

  test('that both come to their end leave one model', async () => {
    const first = loadModel({ source: 'one' });
    await asked(1);
    end(0);
    const second = loadModel({ source: 'two' });
    await asked(2);
    end(1);
    expect(await first).toBe(false);
    expect(await second).toBe(true);
    expect(disposed()).toEqual(['model-1']);
    expect(getState().runtime.modelInfo?.modelId).toBe('model-2');
  });

  test('of other models bring the one that stood back only when the last of them fails', async () => {
    setRuntime({ modelStatus: 'ready', modelInfo: sample, recordedOnly: false });
    const first = startPlainModel({ source: 'https://one.example/model/' });
    await asked(1);
    const second = startPlainModel({ source: 'https://two.example/model/' });
    await asked(2);
    await first;
    expect(loads.map(({ source }) => source)).toEqual(['https://one.example/model/', 'https://two.example/model/']);
    cancel();
    await asked(3);
    expect(loads[2]?.source).toBe('organism');
    end(2);
    await second;
    expect(getState().runtime.modelStatus).toBe('ready');
    expect(getState().document.judge.kind).toBe('programmatic');
  });

  test('of which one failed keep its message when the model before is back, until another is asked for', async () => {
    setRuntime({ modelStatus: 'ready', modelInfo: sample, recordedOnly: false });
    const other = startPlainModel({ source: 'https://one.example/model/' });
    await asked(1);
    loads[0]?.fail(new SourceError('model.gguf: expected the file, got status 500.', 'Try later.'));
    await asked(2);
    end(1);
    await other;
    expect(getState().runtime.modelStatus).toBe('ready');
    expect(notices()).toEqual([expect.stringContaining('got status 500')]);
    void startPlainModel({ source: 'https://two.example/model/' });
    await asked(3);
    expect(notices()).toEqual([]);
  });

  test('never fetch what a link names that was opened meanwhile', async () => {
    setRuntime({ modelStatus: 'ready', modelInfo: sample, recordedOnly: false });
    const other = startPlainModel({ source: 'https://one.example/model/' });
    await asked(1);
    await showDocument(documentOf('https://unasked.example/model/', { recorded: RECORD }));
    await other;
    expect(loads).toHaveLength(1);
    expect(getState().runtime.modelStatus).toBe('none');
  });
});

test('files that are others than the document was made with are named, adapters too', async () => {
  const adapters = [
    { name: 'tone', source: 'organism:tone', sha256: 'a'.repeat(64) },
    { name: 'same', source: 'organism:same', sha256: 'b'.repeat(64) },
    { name: 'new', source: 'organism:new', sha256: '' },
  ];
  const document = documentOf('organism', { recorded: RECORD });
  await showDocument({ ...document, model: { ...document.model, sha256: sample.sha256, adapters } });
  const loading = loadDocumentModel();
  await asked(1);
  const loaded = [
    { name: 'tone', sha256: 'c'.repeat(64) },
    { name: 'same', sha256: 'b'.repeat(64) },
    { name: 'new', sha256: 'd'.repeat(64) },
  ];
  end(0, { adapters: loaded.map((adapter) => ({ ...adapter, rank: 1, modules: [] })) });
  await loading;
  expect(notices()).toEqual([expect.stringContaining('adapter "tone": expected SHA-256 aaaaaaaaaaaa, got cccccccccccc.')]);
});
