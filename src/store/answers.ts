import type { VaneDocument } from '../document/schema';
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

/** Counts how often every answer was forgotten: what was asked for before belongs to another screen. */
let epoch = 0;

export function answerEpoch(): number {
  return epoch;
}

/** Whether the document still has an answer's place: its condition, its question and so many samples. */
function hasPlace({ conditions, questions, sampling }: VaneDocument, answer: AnswerState): boolean {
  return (
    answer.sample < sampling.samplesPerQuestion &&
    conditions.some(({ id }) => id === answer.conditionId) &&
    questions.items.some(({ id }) => id === answer.questionId)
  );
}

/**
 * Puts an answer on screen at the next flush and remembers the setting it was made under. One whose condition or question has
 * gone from the document meanwhile has no place any more and is dropped.
 */
export function putAnswer(answer: AnswerState, signature: string): void {
  if (!hasPlace(appStore.getState().document, answer)) return;
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

/** Text that changes exactly when an answer would: its condition's setting, and its question's place, which its random stream is of. */
export function answerSetting(document: VaneDocument, conditionText: string, questionId: string): string {
  return `${document.questions.items.findIndex(({ id }) => id === questionId)} ${conditionText}`;
}

/** The setting an answer on screen was made under. */
export function answerSignature(key: string): string | undefined {
  return signatures.get(key);
}

/** Puts the recorded answers of a document on screen, made under the document's own settings. */
export function placeRecorded(answers: readonly AnswerState[]): void {
  const { document } = appStore.getState();
  const made = new Map(document.conditions.map((condition) => [condition.id, conditionSignature(document, condition, false)]));
  const placed = answers.filter((answer) => hasPlace(document, answer));
  for (const answer of placed) {
    signatures.set(answerKey(answer), answerSetting(document, made.get(answer.conditionId) ?? '', answer.questionId));
  }
  setRuntime({ answers: Object.fromEntries(placed.map((answer) => [answerKey(answer), answer])) });
}

/** Forgets every answer, as when another model or question set comes. */
export function clearAnswers(): void {
  epoch += 1;
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
  const kept = Object.entries(runtime.answers).filter(([, answer]) => hasPlace(document, answer));
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
      if (answer.conditionId !== condition.id) continue;
      const stale = signatures.get(key) !== answerSetting(document, signature, answer.questionId);
      if (stale === answer.stale) continue;
      answers[key] = { ...answer, stale, staleFrom: stale ? (labels.get(condition.id) ?? null) : null };
      changed = true;
    }
  }
  if (changed) setRuntime({ answers });
}
