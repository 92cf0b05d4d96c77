import { LimitError } from '../core/errors';
import { LIMITS } from '../core/limits';
import type { ConditionRecord, QuestionRecord } from '../document/schema';
import { answerKey, currentAnswer, flushAnswers, isMadeUnder, settingsOf } from './answers';
import { appStore, editDocument, freshId, runTask, setSession } from './app-store';
import { messagesFor } from './condition-run';
import { callEngine } from './engine-handle';
import { generateAnswers } from './generation';
import { measureLean } from './lean';
import { requireModel } from './require-model';
import { requireRoom } from './room';
import { runnable } from './runnable';
import { scoreSoon, settleScores } from './scoring';
import { refreshSummaries } from './summaries';

/** Questions on screen at once: these answer first. */
const VISIBLE_QUESTIONS = 3;
/** So few answers of a condition are written together: one batch takes less time than two. */
const ONE_BATCH_ANSWERS = 32;

export interface RunRequest {
  signal: AbortSignal;
  /** All conditions unless given. */
  conditionIds?: ReadonlySet<string>;
  /** All questions unless given. */
  questionIds?: ReadonlySet<string>;
  /** Leave answers that already stand under the present setting. */
  onlyMissing?: boolean;
  onProgress?: (done: number, total: number) => void;
}

/** Tells of a question whether an answer to it is missing under a condition's present setting. */
function missingUnder(condition: ConditionRecord): (question: QuestionRecord) => boolean {
  const { document, session } = appStore.getState();
  const settingFor = settingsOf(document, condition, session.bypass);
  return ({ id: questionId }) => {
    const present = settingFor(questionId);
    for (let sample = 0; sample < document.sampling.samplesPerQuestion; sample++) {
      const key = answerKey({ conditionId: condition.id, questionId, sample });
      const answer = currentAnswer(key);
      const stands = answer !== undefined && answer.status !== 'streaming' && answer.stopReason !== 'abort';
      if (!stands || !isMadeUnder(key, present)) return true;
    }
    return false;
  };
}

/** Generates and scores answers, the questions on screen first, then the others; one engine batch a condition. */
export async function runConditions(request: RunRequest): Promise<void> {
  const { document, session } = appStore.getState();
  const conditions = document.conditions.filter((condition) => (request.conditionIds?.has(condition.id) ?? true) && runnable(condition));
  const questions = document.questions.items.filter(({ id }) => request.questionIds?.has(id) ?? true);
  const few = questions.length * document.sampling.samplesPerQuestion <= ONE_BATCH_ANSWERS;
  const first = few ? questions : questions.slice(session.questionIndex, session.questionIndex + VISIBLE_QUESTIONS);
  const rest = questions.filter((question) => !first.includes(question));
  const total = conditions.length * questions.length * document.sampling.samplesPerQuestion;
  let done = 0;
  request.onProgress?.(0, total);
  for (const group of [first, rest]) {
    for (const { id } of conditions) {
      // As it is now: it may have been changed, or have gone, while those before it were answered.
      const condition = appStore.getState().document.conditions.find((one) => one.id === id);
      if (!condition || !runnable(condition)) continue;
      const wanted = request.onlyMissing ? group.filter(missingUnder(condition)) : group;
      await generateAnswers({ condition, questions: wanted, signal: request.signal, onAnswer: scoreSoon });
      done += group.length * document.sampling.samplesPerQuestion;
      request.onProgress?.(done, total);
    }
  }
  flushAnswers();
  await settleScores(request.signal);
  refreshSummaries();
}

/** The run of everything that is under way: a newer one takes its place. */
let wholeRun: AbortController | null = null;

/** Everything again: all conditions, all questions. */
export async function runAll(): Promise<void> {
  requireModel('Run all');
  wholeRun?.abort();
  const abort = new AbortController();
  wholeRun = abort;
  await runTask(
    'Run all',
    'answers',
    async ({ signal, progress }) => {
      await measureLean({ signal });
      await runConditions({ signal, onProgress: progress });
    },
    { abort, retry: () => void runAll() },
  );
  if (wholeRun === abort) wholeRun = null;
}

/**
 * Asks a question of the person's own after the others and answers it under every condition; one undo step.
 * @returns false for an empty one. @throws LimitError when the document has no room for it, or the model's context has none under some condition.
 */
export async function ask(text: string): Promise<boolean> {
  const question: QuestionRecord = { id: freshId('question'), text: text.trim(), domain: null };
  if (!question.text) return false;
  requireModel('question');
  await checkRoom(question.text);
  // Appended, so that the random streams of the other questions stay as they are.
  editDocument((document) => ({ ...document, questions: { ...document.questions, items: [...document.questions.items, question] } }));
  setSession({ questionIndex: appStore.getState().document.questions.items.length - 1 });
  await runTask('Answer', 'answers', ({ signal, progress }) =>
    runConditions({ signal, questionIds: new Set([question.id]), onProgress: progress }),
  );
  return true;
}

/** One question that does not fit would end every later run, so it is refused before it is part of the document. */
async function checkRoom(text: string): Promise<void> {
  const { document, runtime } = appStore.getState();
  if (text.length > LIMITS.questionCharacters)
    throw new LimitError(`question: expected at most ${LIMITS.questionCharacters} characters, got ${text.length}.`, 'Shorten it.');
  requireRoom(document, 'questions');
  const { modelInfo } = runtime;
  if (!modelInfo) return;
  const encoded = await callEngine('encodeChat', {
    modelId: modelInfo.modelId,
    rows: document.conditions.map((condition) => ({ messages: messagesFor(condition, text) })),
  });
  const longest = Math.max(0, ...encoded.map(({ promptIds }) => promptIds.length));
  if (longest >= modelInfo.contextLength)
    throw new LimitError(
      `question: expected fewer than ${modelInfo.contextLength} tokens with its prompt, got ${longest}.`,
      'Shorten it, or load a model with a longer context.',
    );
}
