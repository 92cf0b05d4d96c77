import { MismatchError } from '../core/errors';
import type { ConditionRecord, QuestionRecord } from '../document/schema';
import { answerKey, answerSignature, currentAnswer, flushAnswers } from './answers';
import { appStore, freshId, recordInDocument, runTask, setSession } from './app-store';
import { conditionSignature } from './condition-run';
import { generateAnswers } from './generation';
import { measureLean } from './lean';
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

function isMissing(condition: ConditionRecord, question: QuestionRecord): boolean {
  const { document, session } = appStore.getState();
  const signature = conditionSignature(document, condition, session.bypass);
  for (let sample = 0; sample < document.sampling.samplesPerQuestion; sample++) {
    const key = answerKey({ conditionId: condition.id, questionId: question.id, sample });
    if (currentAnswer(key)?.status !== 'done' || answerSignature(key) !== signature) return true;
  }
  return false;
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
    for (const condition of conditions) {
      const wanted = request.onlyMissing ? group.filter((question) => isMissing(condition, question)) : group;
      await generateAnswers({ condition, questions: wanted, signal: request.signal, onAnswer: scoreSoon });
      done += group.length * document.sampling.samplesPerQuestion;
      request.onProgress?.(done, total);
    }
  }
  flushAnswers();
  await settleScores(request.signal);
  refreshSummaries();
}

function requireModel(what: string): void {
  if (!appStore.getState().runtime.modelInfo) throw new MismatchError(`${what}: expected a loaded model, got none.`, 'Load one in step 1.');
}

/** Everything again: all conditions, all questions. */
export async function runAll(): Promise<void> {
  requireModel('Run all');
  await runTask(
    'Run all',
    'answers',
    async ({ signal, progress }) => {
      await measureLean({ signal });
      await runConditions({ signal, onProgress: progress });
    },
    { retry: () => void runAll() },
  );
}

/** Puts a question of the person's own first and answers it under every condition. */
export async function ask(text: string): Promise<void> {
  const question: QuestionRecord = { id: freshId('question'), text: text.trim(), domain: null };
  if (!question.text) return;
  requireModel('question');
  // Appended, so that the random streams of the other questions stay as they are.
  recordInDocument((document) => ({ ...document, questions: { ...document.questions, items: [...document.questions.items, question] } }));
  setSession({ questionIndex: appStore.getState().document.questions.items.length - 1 });
  await runTask('Answer', 'answers', ({ signal, progress }) =>
    runConditions({ signal, questionIds: new Set([question.id]), onProgress: progress }),
  );
}
