import type { ModelInfo, Source } from '../engine/api';
import { clearAnswers } from './answers';
import { appStore, forgetFailures, recordInDocument, runTask, setRuntime, setSession } from './app-store';
import { callEngine } from './engine-handle';
import { restLive } from './live';
import { asLoad, beginEra } from './loads';
import { requireModel } from './require-model';
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
  /** It stands in for another that could not be had, whose failure stays on screen. */
  standsIn?: boolean;
}

const LOAD = 'Load model';

/** The newest load; it alone says how the model stands. */
let newest: AbortController | null = null;

/** The model that stood before loads that have not brought another yet. */
let standing: ModelInfo | null = null;

/** The model that is loaded, or was until a load that is under way or has failed. */
export function standingModel(): ModelInfo | null {
  return appStore.getState().runtime.modelInfo ?? standing;
}

/** Ends everything that runs or waits to run, for another model or document. */
export function endTasks(): void {
  beginEra();
  newest = null;
  // What a load could not have is not wanted any more, and trying again would put it in another document.
  forgetFailures(LOAD);
  restLive();
  for (const task of appStore.getState().runtime.tasks) task.cancel();
}

/** Frees the loaded model; nothing runs before another is loaded. */
export function releaseModel(): void {
  const { modelInfo } = appStore.getState().runtime;
  standing = null;
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
 * until it is ready. A load that is under way ends: the newest counts.
 * @returns true when it is ready to answer.
 */
export function loadModel(choice: ModelChoice): Promise<boolean> {
  return asLoad(() => loadNewest(choice));
}

async function loadNewest(choice: ModelChoice): Promise<boolean> {
  newest?.abort();
  const own = new AbortController();
  newest = own;
  const name = sourceName(choice.source);
  if (Array.isArray(choice.source)) rememberFiles(name, choice.source);
  const previous = appStore.getState().runtime.modelInfo;
  standing = standingModel();
  setRuntime({ modelStatus: 'loading', modelInfo: null, loadProgress: null });
  const loaded = await runTask(
    LOAD,
    'bytes',
    async ({ signal, progress }) => {
      if (previous) await callEngine('dispose', { modelId: previous.modelId });
      const { document } = appStore.getState();
      const adapters = choice.sameModel ? adapterSources(document.model.adapters) : [];
      const info = await callEngine(
        'load',
        { source: choice.source, backend: choice.backend ?? undefined, weights: choice.weights ?? undefined, adapters },
        {
          signal: choice.signal ? AbortSignal.any([signal, choice.signal]) : signal,
          onEvent(event) {
            if (newest !== own) return;
            setRuntime({ loadProgress: event });
            progress(event.loadedBytes, event.totalBytes);
          },
        },
      );
      return { info, capabilities: await callEngine('capabilities', undefined) };
    },
    {
      abort: own,
      retry: choice.retry ?? (() => void loadModel(choice)),
      isPart: choice.standsIn,
      fetches: typeof choice.source === 'string',
    },
  );
  if (newest !== own) {
    // Its cancellation came too late to stop it: nobody else would free it.
    if (loaded) void callEngine('dispose', { modelId: loaded.info.modelId }).catch(() => undefined);
    return false;
  }
  if (!loaded) {
    setRuntime({ modelStatus: 'failed', loadProgress: null });
    return false;
  }
  const { info, capabilities } = loaded;
  standing = null;
  setRuntime({ modelStatus: 'ready', modelInfo: info, loadProgress: null, residualNorms: {}, capabilities });
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

/**
 * Loads one more adapter beside the base; it starts at scale 0 everywhere.
 * @returns false when that failed, which a notice says, or was cancelled.
 * @throws MismatchError without a loaded model; LimitError when a document holds no more.
 */
export async function addAdapter(name: string, source: Source): Promise<boolean> {
  const { document } = appStore.getState();
  const { modelId } = requireModel('adapter', 'Load one in step 1, then add the adapter.');
  // One of the same name is replaced.
  if (!document.model.adapters.some((adapter) => adapter.name === name)) requireRoom(document, 'adapters');
  const sourceText = sourceName(source);
  if (Array.isArray(source)) rememberFiles(sourceText, source);
  const info = await runTask('Load adapter', 'bytes', ({ signal, progress }) =>
    callEngine('loadAdapter', { modelId, name, source }, { signal, onEvent: (event) => progress(event.loadedBytes, event.totalBytes) }),
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
