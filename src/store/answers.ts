import { appStore, setRuntime } from './app-store';
import { conditionSignature } from './condition-run';
import type { AnswerState } from './state';

/** Key of an answer in `runtime.answers`. */
export function answerKey(answer: Pick<AnswerState, 'conditionId' | 'questionId' | 'sample'>): string {
  return `${answer.conditionId}|${answer.questionId}|${answer.sample}`;
}

/** Setting under which each answer on screen was made, by answer key. */
const signatures = new Map<string, string>();

/** Answers that changed since the last paint; written to the store together so that a token costs no render of its own. */
const pending = new Map<string, AnswerState>();
let flushTimer: ReturnType<typeof setTimeout> | null = null;
const FLUSH_INTERVAL_MS = 60;

/** Puts an answer on screen at the next flush and remembers the setting it was made under. */
export function putAnswer(answer: AnswerState, signature: string): void {
  const key = answerKey(answer);
  pending.set(key, answer);
  signatures.set(key, signature);
  flushTimer ??= setTimeout(flushAnswers, FLUSH_INTERVAL_MS);
}

/** Writes all pending answers to the store now. */
export function flushAnswers(): void {
  if (flushTimer) clearTimeout(flushTimer);
  flushTimer = null;
  if (pending.size === 0) return;
  const changed = Object.fromEntries(pending);
  pending.clear();
  setRuntime(({ answers }) => ({ answers: { ...answers, ...changed } }));
}

/** The newest state of an answer, whether or not it was flushed. */
export function currentAnswer(key: string): AnswerState | undefined {
  return pending.get(key) ?? appStore.getState().runtime.answers[key];
}

export function answerSignature(key: string): string | undefined {
  return signatures.get(key);
}

/** Forgets every answer, as when another model or question set comes. */
export function clearAnswers(): void {
  pending.clear();
  signatures.clear();
  setRuntime({ answers: {}, summaries: {}, controls: {}, map: null });
}

/** Takes the scores from every answer that was made here; recorded ones keep those of their recording. */
export function dropScores(): void {
  flushAnswers();
  setRuntime(({ answers }) => ({
    answers: Object.fromEntries(
      Object.entries(answers).map(([key, answer]) => [key, answer.status === 'done' ? { ...answer, scores: null } : answer]),
    ),
  }));
}

/** Drops answers whose condition or question is no longer in the document. */
export function dropOrphans(): void {
  flushAnswers();
  const { document, runtime } = appStore.getState();
  const conditions = new Set(document.conditions.map(({ id }) => id));
  const questions = new Set(document.questions.items.map(({ id }) => id));
  const kept = Object.entries(runtime.answers).filter(
    ([, answer]) =>
      conditions.has(answer.conditionId) && questions.has(answer.questionId) && answer.sample < document.sampling.samplesPerQuestion,
  );
  if (kept.length < Object.keys(runtime.answers).length) setRuntime({ answers: Object.fromEntries(kept) });
}

/** Marks answers made under another setting than the present one as stale, and those of the present one as fresh. */
export function markStale(labels: ReadonlyMap<string, string>): void {
  flushAnswers();
  const { document, session, runtime } = appStore.getState();
  let changed = false;
  const answers = { ...runtime.answers };
  for (const condition of document.conditions) {
    const signature = conditionSignature(document, condition, session.bypass);
    for (const [key, answer] of Object.entries(answers)) {
      if (answer.conditionId !== condition.id || answer.status === 'recorded') continue;
      const stale = signatures.get(key) !== signature;
      if (stale === answer.stale) continue;
      answers[key] = { ...answer, stale, staleFrom: stale ? (labels.get(condition.id) ?? null) : null };
      changed = true;
    }
  }
  if (changed) setRuntime({ answers });
}
