import type { Judge, Scores } from '../judges/judge';
import { JudgeFailure } from '../judges/judge';
import { answerKey, answerSignature, currentAnswer, putAnswer } from './answers';
import { appStore, isAbort, notify } from './app-store';
import { focusDomain } from './focus-domain';
import type { AnswerScores, AnswerState } from './state';
import { summariesSoon } from './summaries';

let judge: Judge | null = null;
let abort = new AbortController();
let queue: AnswerState[] = [];
let timer: ReturnType<typeof setTimeout> | null = null;
let working: Promise<void> = Promise.resolve();
/** Answers that arrive within this time are scored as one batch. */
const BATCH_MS = 25;

export function currentJudge(): Judge | null {
  return judge;
}

/** Takes another judge into use: running scores are cancelled, answers on screen keep theirs until they are scored again. */
export function takeJudge(next: Judge | null): void {
  abort.abort();
  abort = new AbortController();
  queue = [];
  judge = next;
}

/** Scores an answer with the next batch; its figures move when the score is there. */
export function scoreSoon(answer: AnswerState): void {
  if (!judge) return;
  queue.push(answer);
  timer ??= setTimeout(drain, BATCH_MS);
}

/** Scores every finished answer on screen again, as after a change of judge. */
export function scoreAll(): void {
  for (const answer of Object.values(appStore.getState().runtime.answers)) if (answer.status === 'done') scoreSoon(answer);
}

/** Resolves when every queued answer was scored. */
export async function settleScores(signal?: AbortSignal): Promise<void> {
  drain();
  await working;
  signal?.throwIfAborted();
}

function drain(): void {
  if (timer) clearTimeout(timer);
  timer = null;
  const batch = queue;
  queue = [];
  const active = judge;
  if (!active || batch.length === 0) return;
  const { signal } = abort;
  working = working.then(() => scoreBatch(active, batch, signal));
}

async function scoreBatch(active: Judge, batch: AnswerState[], signal: AbortSignal): Promise<void> {
  const { document } = appStore.getState();
  const questions = new Map(document.questions.items.map(({ id, text }) => [id, text]));
  const rows = batch.map((answer) => ({ question: questions.get(answer.questionId) ?? '', answer: answer.tokens.join('').trim() }));
  const place = (index: number, scores: Scores) => {
    const answer = batch[index] as AnswerState;
    const key = answerKey(answer);
    const now = currentAnswer(key);
    // A newer answer may have taken the place while the judge was at work.
    if (now?.ids !== answer.ids) return;
    putAnswer({ ...now, scores: toAnswerScores(scores) }, answerSignature(key) ?? '');
    summariesSoon();
  };
  const placed = new Set<number>();
  try {
    const all = await active.judge(rows, {
      signal,
      onScored(index, scores) {
        placed.add(index);
        place(index, scores);
      },
    });
    all.forEach((scores, index) => {
      if (!placed.has(index)) place(index, scores);
    });
  } catch (error) {
    if (isAbort(error)) return;
    if (error instanceof JudgeFailure) {
      for (const [index, scores] of error.partial.entries()) if (scores) place(index, scores);
    }
    notify('error', error instanceof Error ? error.message : String(error), [{ label: 'Retry now', run: () => batch.forEach(scoreSoon) }]);
  }
}

/** A judge's scores as the screen keeps them: one domain stands for all, the one that the experiment is about. */
export function toAnswerScores(scores: Scores): AnswerScores {
  const domain = focusDomain();
  return {
    alignment: scores.alignment,
    coherence: scores.coherence,
    domain: scores.domain ? (domain ? (scores.domain[domain] ?? 0) : Math.max(0, ...Object.values(scores.domain))) : null,
    custom: scores.custom ?? null,
    verdict: scores.verdict ?? scores.reason ?? null,
  };
}
