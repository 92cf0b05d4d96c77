import type { ConditionRecord, VaneDocument } from '../document/schema';
import type { ModelInfo } from '../engine/api';
import { encodeLeanPairs, type LeanPair, measureLeanOf } from '../experiments/lean';
import { appStore, setRuntime } from './app-store';
import { conditionSignature, messagesFor, runOptionsFor } from './condition-run';
import { theEngine } from './engine-handle';
import { type LeanSource, leanAnswers, leanSource } from './lean-answers';
import { runnable } from './runnable';
import { isOfPresentRan, ranLabel } from './staleness';
import type { ConditionSummary } from './state';
import { NO_ESTIMATE, toEstimate } from './summaries';

interface EncodedPairs {
  source: LeanSource;
  pairs: LeanPair[];
}

/** How much of the fixed answers one pass reads. */
interface LeanSize {
  pairs: number;
  answerTokens: number;
}

/** One batch on a GPU; the logits of a large vocabulary cost about a millisecond a token besides. */
const WHOLE: LeanSize = { pairs: 12, answerTokens: 24 };
/** On a CPU a token of half a billion weights takes some 25 ms, and the prompts count as well as the answers. */
const BRIEF: LeanSize = { pairs: 4, answerTokens: 12 };
const LARGE_BYTES = 64 * 1024 * 1024;

function leanSize({ backend, weightBytes }: ModelInfo): LeanSize {
  return backend === 'wasm' && weightBytes > LARGE_BYTES ? BRIEF : WHOLE;
}

/** Encoded pairs by model and system prompt: their text never changes while a slider moves. */
const encoded = new Map<string, EncodedPairs>();

/** Sets of pairs kept at once; a set that was dropped is encoded again. */
const KEPT_SETS = 8;

/** The fixed answers behind the condition's own prompt: whatever prompt they were written under, they are read without it. */
async function encodePairs(source: LeanSource, model: ModelInfo, condition: ConditionRecord): Promise<LeanPair[]> {
  const { pairs, answerTokens } = leanSize(model);
  const answers = await leanAnswers(source, pairs);
  if (answers.length === 0) return [];
  const texts = answers.map(({ question, positive, negative }) => ({ messages: messagesFor(condition, question), positive, negative }));
  return encodeLeanPairs(theEngine(), model.modelId, texts, { answerTokens });
}

/** What each figure was measured under: the condition's setting with what ran it, and the fixed answers. */
const measuredUnder = new Map<string, { signature: string; ran: string; source: LeanSource }>();

/** The figures of a document's record are of its own settings. */
export function takeRecordedLean(document: VaneDocument): void {
  measuredUnder.clear();
  const source = leanSource(document);
  for (const condition of document.conditions)
    if (document.recorded?.lean?.[condition.id])
      measuredUnder.set(condition.id, {
        signature: conditionSignature(document, condition, false),
        ran: ranLabel(document.recorded),
        source,
      });
}

/** Conditions whose figure is not of the present setting, or not there. */
export function staleLeans(): Set<string> {
  const { document, session, runtime } = appStore.getState();
  const source = leanSource(document);
  const isStale = (condition: ConditionRecord) => {
    const made = measuredUnder.get(condition.id);
    if (!runtime.summaries[condition.id]?.lean || made?.source !== source) return true;
    return made.signature !== conditionSignature(document, condition, session.bypass) || !isOfPresentRan(made.ran, { document, runtime });
  };
  return new Set(document.conditions.filter(isStale).map(({ id }) => id));
}

/** Figures on screen that are of another setting say so. */
export function markStaleLeans(): void {
  const stale = staleLeans();
  const { summaries } = appStore.getState().runtime;
  const changed = Object.entries(summaries).filter(([id, { lean, leanStale }]) => lean && leanStale !== stale.has(id));
  if (changed.length === 0) return;
  const marked = changed.map(([id, summary]) => [id, { ...summary, leanStale: stale.has(id) }]);
  setRuntime({ summaries: { ...summaries, ...Object.fromEntries(marked) } });
}

function setLean(conditionId: string, patch: Pick<ConditionSummary, 'leanStale'> & Partial<Pick<ConditionSummary, 'lean'>>): void {
  setRuntime(({ summaries }) => ({
    summaries: { ...summaries, [conditionId]: { ...(summaries[conditionId] ?? emptySummary()), ...patch } },
  }));
}

function emptySummary(): ConditionSummary {
  return {
    alignment: NO_ESTIMATE,
    coherence: NO_ESTIMATE,
    domain: NO_ESTIMATE,
    custom: NO_ESTIMATE,
    em: { k: 0, n: 0, low: 0, high: 1 },
    unscored: 0,
    fresh: 0,
    stale: false,
    lean: null,
    leanStale: false,
  };
}

/** Measures the instant figure of the given conditions (all unless given) and shows each as it is there. @throws DOMException AbortError. */
export async function measureLean({ signal, conditionIds }: { signal: AbortSignal; conditionIds?: ReadonlySet<string> }): Promise<void> {
  const { document, session, runtime } = appStore.getState();
  const { modelInfo } = runtime;
  if (!modelInfo) return;
  const { modelId } = modelInfo;
  const source = leanSource(document);
  const conditions = document.conditions.filter((condition) => (conditionIds?.has(condition.id) ?? true) && runnable(condition));
  for (const { id } of conditions) setLean(id, { leanStale: true });
  for (const condition of conditions) {
    const key = JSON.stringify([modelId, document.model.source, condition.systemPrompt]);
    const known = encoded.get(key);
    let pairs = known?.source === source ? known.pairs : null;
    // No wait where the pairs are known: the engine is asked before the page paints what else changed.
    if (!pairs) {
      pairs = await encodePairs(source, modelInfo, condition);
      signal.throwIfAborted();
      if (encoded.size >= KEPT_SETS) encoded.clear();
      encoded.set(key, { source, pairs });
    }
    // What was measured before stays, and says that it is old; what never was is not on its way.
    if (pairs.length === 0) {
      setLean(condition.id, { leanStale: Boolean(appStore.getState().runtime.summaries[condition.id]?.lean) });
      continue;
    }
    const options = runOptionsFor(document, condition, runtime.directions, session.bypass);
    const interval = await measureLeanOf(theEngine(), modelId, pairs, options, signal);
    measuredUnder.set(condition.id, {
      signature: conditionSignature(document, condition, session.bypass),
      ran: ranLabel(modelInfo),
      source,
    });
    setLean(condition.id, { lean: toEstimate(interval), leanStale: false });
    // The setting may have moved on while this was measured.
    markStaleLeans();
  }
}
