import type { ConditionRecord, VaneDocument } from '../document/schema';
import { type LeanPair, measureLeanOf } from '../experiments/lean';
import { appStore, setRuntime } from './app-store';
import { messagesFor, runOptionsFor } from './condition-run';
import { callEngine, theEngine } from './engine-handle';
import { leanAnswers } from './lean-answers';
import { runnable } from './runnable';
import type { ConditionSummary } from './state';
import { NO_ESTIMATE, toEstimate } from './summaries';

interface EncodedPairs {
  contrast: VaneDocument['contrast'];
  pairs: LeanPair[];
}

/** Encoded pairs by model and system prompt: their text never changes while a slider moves. */
const encoded = new Map<string, EncodedPairs>();

/** Sets of pairs kept at once; a set that was dropped is encoded again. */
const KEPT_SETS = 8;

async function encodePairs(modelId: string, condition: ConditionRecord): Promise<LeanPair[]> {
  const answers = await leanAnswers();
  const rows = answers.flatMap(({ question, aligned, misaligned }) => {
    const messages = messagesFor(condition, question);
    return [
      { messages, answer: aligned },
      { messages, answer: misaligned },
    ];
  });
  const ids = await callEngine('encodeChat', { modelId, rows });
  return answers.map((_, index) => ({
    promptIds: ids[2 * index]?.promptIds ?? [],
    alignedIds: ids[2 * index]?.answerIds ?? [],
    misalignedIds: ids[2 * index + 1]?.answerIds ?? [],
  }));
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
  const modelId = runtime.modelInfo?.modelId;
  if (!modelId) return;
  const conditions = document.conditions.filter((condition) => (conditionIds?.has(condition.id) ?? true) && runnable(condition));
  for (const { id } of conditions) setLean(id, { leanStale: true });
  for (const condition of conditions) {
    const key = JSON.stringify([modelId, document.model.source, condition.systemPrompt]);
    const known = encoded.get(key);
    let pairs = known?.contrast === document.contrast ? known.pairs : null;
    // No wait where the pairs are known: the engine is asked before the page paints what else changed.
    if (!pairs) {
      pairs = await encodePairs(modelId, condition);
      signal.throwIfAborted();
      if (encoded.size >= KEPT_SETS) encoded.clear();
      encoded.set(key, { contrast: document.contrast, pairs });
    }
    if (pairs.length === 0) return;
    const options = runOptionsFor(document, condition, runtime.directions, session.bypass);
    const interval = await measureLeanOf(theEngine(), modelId, pairs, options, signal);
    setLean(condition.id, { lean: toEstimate(interval), leanStale: false });
  }
}
