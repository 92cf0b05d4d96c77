import { type LeanPair, measureLeanOf } from '../experiments/lean';
import { appStore, setRuntime } from './app-store';
import { messagesFor, runOptionsFor } from './condition-run';
import { callEngine, theEngine } from './engine-handle';
import { leanAnswers } from './lean-answers';
import { runnable } from './runnable';
import type { ConditionSummary } from './state';
import { NO_ESTIMATE, toEstimate } from './summaries';

/** Encoded pairs of the present model, by model and system prompt: text never changes while a slider moves. */
const encoded = new Map<string, LeanPair[]>();

async function pairsFor(modelId: string, conditionId: string): Promise<LeanPair[]> {
  const { document } = appStore.getState();
  const condition = document.conditions.find(({ id }) => id === conditionId);
  if (!condition) return [];
  const answers = await leanAnswers();
  const key = JSON.stringify([modelId, condition.systemPrompt, answers]);
  const known = encoded.get(key);
  if (known) return known;
  const rows = answers.flatMap(({ question, aligned, misaligned }) => {
    const messages = messagesFor(condition, question);
    return [
      { messages, answer: aligned },
      { messages, answer: misaligned },
    ];
  });
  const ids = await callEngine('encodeChat', { modelId, rows });
  const pairs = answers.map((_, index) => ({
    promptIds: ids[2 * index]?.promptIds ?? [],
    alignedIds: ids[2 * index]?.answerIds ?? [],
    misalignedIds: ids[2 * index + 1]?.answerIds ?? [],
  }));
  encoded.clear();
  encoded.set(key, pairs);
  return pairs;
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
    const pairs = await pairsFor(modelId, condition.id);
    signal.throwIfAborted();
    if (pairs.length === 0) return;
    const options = runOptionsFor(document, condition, runtime.directions, session.bypass);
    const interval = await measureLeanOf(theEngine(), modelId, pairs, options, signal);
    setLean(condition.id, { lean: toEstimate(interval), leanStale: false });
  }
}
