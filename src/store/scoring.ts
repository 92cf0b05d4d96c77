import type { Judge, Scores } from '../judges/judge';
import { JudgeFailure } from '../judges/judge';
import { answerKey, currentAnswer, dropScores, putAnswer } from './answers';
import { appStore, isAbort, notify, runTask, type Task } from './app-store';
import { focusDomain } from './focus-domain';
import { isOfRecording } from './recorded-scores';
import type { AnswerScores, AnswerState } from './state';
import { refreshSummaries, summariesSoon } from './summaries';

let judge: Judge | null = null;
let abort = new AbortController();
let queue: AnswerState[] = [];
let timer: ReturnType<typeof setTimeout> | null = null;
let working: Promise<void> = Promise.resolve();
/** Answers that arrive within this time are scored as one batch. */
const BATCH_MS = 25;
/** Judges that are done before anyone could read a progress bar. */
const INSTANT_KINDS: ReadonlySet<Judge['kind']> = new Set(['world', 'programmatic']);
/** A judge that has said nothing for so long gets a word on screen. */
const SILENCE_MS = 8_000;

export function currentJudge(): Judge | null {
  return judge;
}

/** Takes another judge into use: running scores are cancelled, and scores of the judge before go, for they would stand under this one's name. */
export function takeJudge(next: Judge | null): void {
  cancelScoring();
  if (judge !== null && judge.id !== next?.id) {
    dropScores();
    refreshSummaries();
  }
  judge = next;
}

/** Ends running and waiting scores; the judge stays in use for what comes later. */
function cancelScoring(): void {
  abort.abort();
  abort = new AbortController();
  queue = [];
}

/** What a fragment gets instead of scores: a judge would take it for a whole answer. */
const STOPPED: AnswerScores = { alignment: null, coherence: null, domain: null, custom: null, verdict: 'stopped before its end' };

/** Scores an answer with the next batch; its figures move when the score is there. One that was cancelled half-way has none. */
export function scoreSoon(answer: AnswerState): void {
  if (answer.stopReason === 'abort') {
    putAnswer({ ...answer, scores: STOPPED });
    summariesSoon();
    return;
  }
  if (!judge) return;
  queue.push(answer);
  timer ??= setTimeout(drain, BATCH_MS);
}

/** Scores every finished answer on screen again, as after a change of judge; recorded ones where the judge is not their recording's. */
export function scoreAll(): void {
  const state = appStore.getState();
  const ofRecording = isOfRecording(state);
  for (const answer of Object.values(state.runtime.answers))
    if (answer.status === 'done' || (answer.status === 'recorded' && !ofRecording)) scoreSoon(answer);
}

/** Resolves when every queued answer was scored. @throws DOMException AbortError at once when the signal fires: a judge may take minutes. */
export async function settleScores(signal?: AbortSignal): Promise<void> {
  drain();
  signal?.throwIfAborted();
  const cancelled = new Promise<void>((_, reject) => {
    signal?.addEventListener('abort', () => reject(new DOMException('The call was aborted.', 'AbortError')), { once: true });
  });
  await Promise.race([working, cancelled]);
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
  if (signal.aborted) return;
  if (INSTANT_KINDS.has(active.kind)) {
    await judgeBatch(active, batch, signal).catch((error: unknown) => {
      if (!isAbort(error)) notify('error', error instanceof Error ? error.message : String(error), [retryOf(batch)]);
    });
    return;
  }
  const own = new AbortController();
  const stop = () => own.abort();
  signal.addEventListener('abort', stop);
  // Whoever cancels one batch of a slow judge does not want to wait for the next.
  own.signal.addEventListener('abort', () => {
    if (!signal.aborted) cancelScoring();
  });
  let silence: ReturnType<typeof setTimeout> | null = null;
  const work = (task: Task) => {
    const text = `${active.name}: no reply for ${SILENCE_MS / 1000} s. It goes on waiting; the answers are kept.`;
    // Only a host can be silent; a model in this tab is at work.
    if (active.kind === 'api') silence = setTimeout(() => notify('info', text, [{ label: 'Stop waiting', run: stop }]), SILENCE_MS);
    return judgeBatch(active, batch, task.signal, (done) => {
      if (silence) clearTimeout(silence);
      task.progress(done, batch.length);
    });
  };
  await runTask('Judge', 'answers', work, { abort: own, retry: retryOf(batch).run, isPart: true });
  if (silence) clearTimeout(silence);
  signal.removeEventListener('abort', stop);
}

function retryOf(batch: readonly AnswerState[]) {
  return { label: 'Retry now', run: () => batch.forEach(scoreSoon) };
}

/** Scores a batch and places each score as it comes, those before a failure too. */
async function judgeBatch(active: Judge, batch: AnswerState[], signal: AbortSignal, onProgress?: (done: number) => void): Promise<void> {
  const { document } = appStore.getState();
  const questions = new Map(document.questions.items.map(({ id, text }) => [id, text]));
  const rows = batch.map((answer) => ({ question: questions.get(answer.questionId) ?? '', answer: answer.tokens.join('').trim() }));
  const placed = new Set<number>();
  const place = (index: number, scores: Scores) => {
    // Another judge may have been taken into use while this reply was on its way.
    if (placed.has(index) || signal.aborted) return;
    placed.add(index);
    const answer = batch[index] as AnswerState;
    const key = answerKey(answer);
    const now = currentAnswer(key);
    // A newer answer may have taken the place while the judge was at work.
    if (now?.ids !== answer.ids) return;
    putAnswer({ ...now, scores: toAnswerScores(scores) });
    summariesSoon();
  };
  try {
    const all = await active.judge(rows, {
      signal,
      onScored(index, scores) {
        place(index, scores);
        onProgress?.(placed.size);
      },
    });
    for (const [index, scores] of all.entries()) place(index, scores);
  } catch (error) {
    if (error instanceof JudgeFailure) {
      for (const [index, scores] of error.partial.entries()) if (scores) place(index, scores);
    }
    throw error;
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
