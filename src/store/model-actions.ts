import type { Source } from '../engine/api';
import { clearAnswers } from './answers';
import { appStore, recordInDocument, runTask, setRuntime, setSession } from './app-store';
import { callEngine } from './engine-handle';
import { restLive } from './live';
import { requireRoom } from './room';
import { adapterSources, rememberFiles, sourceName } from './source-files';

export interface ModelChoice {
  source: string | File[];
  backend?: 'webgpu' | 'wasm' | null;
  weights?: 'f32' | 'q8' | 'q4' | null;
  /** Keep the document's adapters, conditions and directions: the same model is loaded again. */
  sameModel?: boolean;
  /** Ends the load, besides its own Cancel. */
  signal?: AbortSignal;
  /** What "Retry now" does after a failure; the same load unless given. */
  retry?: () => void;
}

/** Ends everything that runs or waits to run. */
export function endTasks(): void {
  restLive();
  for (const task of appStore.getState().runtime.tasks) task.cancel();
}

/** Frees the loaded model; nothing runs before another is loaded. */
export function releaseModel(): void {
  const { modelInfo } = appStore.getState().runtime;
  setRuntime({ modelStatus: 'none', modelInfo: null, loadProgress: null });
  // A worker that has died has freed it already.
  if (modelInfo) void callEngine('dispose', { modelId: modelInfo.modelId }).catch(() => undefined);
}

/** Drops what was read from the model before: it does not fit another. */
export function dropReadings(): void {
  clearAnswers();
  setSession({ activeDirectionId: null, activeInterventionId: null, pinnedToken: null });
  setRuntime({
    directions: [],
    contrastReport: null,
    readLeftOut: [],
    profile: [],
    scatter: [],
    readingsMadeUnder: null,
    cosines: null,
    sweeps: {},
    sweepsMadeUnder: {},
    controlSweeps: {},
    map: null,
    recordedOnly: false,
    recordedJudge: null,
    recompute: null,
  });
}

/**
 * Loads a model with the document's adapters and frees the one before it. The document and what is on screen stay as they are
 * until it is ready.
 * @returns true when it is ready to answer.
 */
export async function loadModel(choice: ModelChoice): Promise<boolean> {
  const name = sourceName(choice.source);
  if (Array.isArray(choice.source)) rememberFiles(name, choice.source);
  const previous = appStore.getState().runtime.modelInfo;
  setRuntime({ modelStatus: 'loading', modelInfo: null, loadProgress: null });
  const info = await runTask(
    'Load model',
    'bytes',
    async ({ signal, progress }) => {
      if (previous) await callEngine('dispose', { modelId: previous.modelId });
      const { document } = appStore.getState();
      const adapters = choice.sameModel ? adapterSources(document.model.adapters) : [];
      return callEngine(
        'load',
        { source: choice.source, backend: choice.backend ?? undefined, weights: choice.weights ?? undefined, adapters },
        {
          signal: choice.signal ? AbortSignal.any([signal, choice.signal]) : signal,
          onEvent(event) {
            setRuntime({ loadProgress: event });
            progress(event.loadedBytes, event.totalBytes);
          },
        },
      );
    },
    { retry: choice.retry ?? (() => void loadModel(choice)) },
  );
  if (!info) {
    setRuntime({ modelStatus: 'failed', loadProgress: null });
    return false;
  }
  setRuntime({
    modelStatus: 'ready',
    modelInfo: info,
    loadProgress: null,
    residualNorms: {},
    capabilities: await callEngine('capabilities', undefined),
  });
  recordInDocument((document) => ({
    ...document,
    model: {
      source: name,
      name: info.name,
      family: info.family,
      sha256: info.sha256,
      backend: choice.backend ?? null,
      weights: choice.weights ?? null,
      adapters: choice.sameModel
        ? document.model.adapters.map((adapter) => ({
            ...adapter,
            sha256: info.adapters.find((a) => a.name === adapter.name)?.sha256 ?? adapter.sha256,
          }))
        : [],
    },
  }));
  return true;
}

/** Loads one more adapter beside the base; it starts at scale 0 everywhere. @throws LimitError when a document holds no more. */
export async function addAdapter(name: string, source: Source): Promise<boolean> {
  const { document, runtime } = appStore.getState();
  const { modelInfo } = runtime;
  if (!modelInfo) return false;
  // One of the same name is replaced.
  if (!document.model.adapters.some((adapter) => adapter.name === name)) requireRoom(document, 'adapters');
  const sourceText = sourceName(source);
  if (Array.isArray(source)) rememberFiles(sourceText, source);
  const info = await runTask('Load adapter', 'bytes', ({ signal, progress }) =>
    callEngine(
      'loadAdapter',
      { modelId: modelInfo.modelId, name, source },
      { signal, onEvent: (event) => progress(event.loadedBytes, event.totalBytes) },
    ),
  );
  if (!info) return false;
  setRuntime({ modelInfo: info });
  const sha256 = info.adapters.find((adapter) => adapter.name === name)?.sha256 ?? '';
  recordInDocument((document) => ({
    ...document,
    model: {
      ...document.model,
      adapters: [...document.model.adapters.filter((a) => a.name !== name), { name, source: sourceText, sha256 }],
    },
  }));
  return true;
}
