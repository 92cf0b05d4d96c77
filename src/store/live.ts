import type { VaneDocument } from '../document/schema';
import { dropOrphans, markStale } from './answers';
import { appStore, isAbort, notify, runTask } from './app-store';
import { conditionSignature } from './condition-run';
import { markStaleLeans, measureLean, staleLeans } from './lean';
import { type LeanSource, leanSource } from './lean-answers';
import { measureLink } from './recorded-result';
import { followNorms } from './residual-norms';
import { runConditions } from './run-actions';
import { refreshSummaries } from './summaries';

/** Quiet time after the last change before fresh answers are generated; the instant figure does not wait. */
const SETTLE_MS = 120;
const LINK_MEASURE_MS = 1_500;

let signatures = new Map<string, string>();
let leanFrom: LeanSource = null;
let leanAbort: AbortController | null = null;
let runAbort: AbortController | null = null;
let settleTimer: ReturnType<typeof setTimeout> | null = null;
let linkTimer: ReturnType<typeof setTimeout> | null = null;
const dirty = new Set<string>();
/** Depth of work that runs its own answers; changes meanwhile are looked at when it ends. */
let pauses = 0;

/** Runs work that answers by itself, such as the start or a recomputation; what a person changed meanwhile is followed afterwards. */
export async function pausingLive<T>(work: () => Promise<T>): Promise<T> {
  pauses += 1;
  try {
    return await work();
  } finally {
    pauses -= 1;
    if (pauses === 0) followAll();
  }
}

/** Forgets what was about to run: another document or model comes. */
export function restLive(): void {
  leanAbort?.abort();
  runAbort?.abort();
  if (settleTimer) clearTimeout(settleTimer);
  dirty.clear();
}

/** Looks at everything anew, as after undo: what is missing under the present settings is answered, unless work that answers by itself is under way. */
export function followAll(): void {
  const { document, runtime } = appStore.getState();
  const runs = pauses === 0 && runtime.modelInfo !== null && !runtime.recordedOnly;
  if (pauses === 0) remember();
  if (runs) void followLean();
  dropOrphans();
  showAge();
  if (!runs) return;
  for (const { id } of document.conditions) dirty.add(id);
  scheduleRun();
}

/** What stands on screen says whether it is of the present settings. */
function showAge(): void {
  markStale();
  refreshSummaries();
  markStaleLeans();
}

function currentSignatures(document: VaneDocument, bypass: boolean): Map<string, string> {
  return new Map(document.conditions.map((condition) => [condition.id, conditionSignature(document, condition, bypass)]));
}

/**
 * Keeps what is on screen true to the document: a changed condition is stale at once, its instant figure follows at once,
 * its answers follow when the change has settled, the newest request winning.
 */
export function startLive(): () => void {
  remember();
  return appStore.subscribe((state, before) => {
    // What a run has made is part of the link too.
    if (state.runtime.tasks.length === 0 && before.runtime.tasks.length > 0) scheduleLinkMeasure();
    // A failed run says itself why; the length beside the coefficient stays unknown until then.
    if (state.document.interventions !== before.document.interventions || state.runtime.modelInfo !== before.runtime.modelInfo)
      void followNorms().catch(() => undefined);
    if (pauses === 0) followLeanSource();
    // Answers of other weights or another backend are others.
    if (state.runtime.modelInfo !== before.runtime.modelInfo || state.runtime.recordedOnly !== before.runtime.recordedOnly) showAge();
    if (state.document === before.document && state.session.bypass === before.session.bypass) return;
    scheduleLinkMeasure();
    const next = currentSignatures(state.document, state.session.bypass);
    const changed = [...next].filter(([id, signature]) => signatures.get(id) !== signature).map(([id]) => id);
    const questionsChanged = state.document.questions !== before.document.questions || state.document.sampling !== before.document.sampling;
    const conditionsGone = state.document.conditions.length < before.document.conditions.length;
    // Work that answers by itself looks at nothing that changes meanwhile; what is on screen tells its age all the same.
    const runsItself = pauses > 0;
    if (!runsItself) remember();
    if (questionsChanged || conditionsGone) dropOrphans();
    if (changed.length === 0 && !questionsChanged) return;
    if (runsItself) return showAge();
    // More samples of each question are missing under every condition, though none has changed.
    const more = state.document.sampling.samplesPerQuestion > before.document.sampling.samplesPerQuestion;
    for (const id of more ? next.keys() : changed) dirty.add(id);
    const runs = state.runtime.modelInfo !== null && !state.runtime.recordedOnly && dirty.size > 0;
    // Asked first: the engine measures while this thread marks and paints.
    if (runs) void followLean(new Set(changed));
    showAge();
    if (runs) scheduleRun();
  });
}

/** Takes the present document as settled, as after a load that runs everything itself. */
export function remember(): void {
  const { document, session } = appStore.getState();
  signatures = currentSignatures(document, session.bypass);
  leanFrom = leanSource(document);
}

/** Other fixed answers, such as of a contrast that has just been sampled, are read under every condition. */
function followLeanSource(): void {
  const { document, runtime } = appStore.getState();
  const source = leanSource(document);
  if (source === leanFrom) return;
  leanFrom = source;
  if (runtime.modelInfo && !runtime.recordedOnly) void followLean();
}

/** Measures what has just changed first: what a newer change cut off, or was never measured, follows it. */
async function followLean(changed: ReadonlySet<string> = new Set()): Promise<void> {
  leanAbort?.abort();
  leanAbort = new AbortController();
  const { signal } = leanAbort;
  try {
    if (changed.size > 0) await measureLean({ signal, conditionIds: changed });
    const others = staleLeans();
    if (others.size > 0) await measureLean({ signal, conditionIds: others });
  } catch (error) {
    if (!isAbort(error)) notify('error', error instanceof Error ? error.message : String(error));
  }
}

function scheduleRun(): void {
  runAbort?.abort();
  if (settleTimer) clearTimeout(settleTimer);
  settleTimer = setTimeout(() => {
    const abort = new AbortController();
    runAbort = abort;
    const conditionIds = new Set(dirty);
    void runTask(
      'Answer again',
      'answers',
      async ({ signal, progress }) => {
        await runConditions({ signal, conditionIds, onlyMissing: true, onProgress: progress });
        for (const id of conditionIds) dirty.delete(id);
      },
      { abort },
    );
  }, SETTLE_MS);
}

function scheduleLinkMeasure(): void {
  if (linkTimer) clearTimeout(linkTimer);
  linkTimer = setTimeout(() => void measureLink().catch(() => undefined), LINK_MEASURE_MS);
}
