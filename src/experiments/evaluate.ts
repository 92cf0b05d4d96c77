import type { Judge, JudgeRow, Scores } from '../judges/judge';
import { JudgeFailure } from '../judges/judge';
import { type ScoreSummary, summarise } from '../judges/scoring';
import { type Bench, type Condition, conversation, type Question, type SampledAnswer, type Sampling, sampleAnswers } from './condition';

/** One answer of an evaluation, as `vane.results()` lists it. */
export interface EvaluatedAnswer {
  condition: string;
  conditionId: string;
  questionId: string;
  question: string;
  sample: number;
  answer: string;
  ids: number[];
  seed: number;
  stopReason: SampledAnswer['stopReason'];
  /** Null while unscored. */
  scores: Scores | null;
  /** Id of the judge that scored it. */
  judge: string | null;
}

export interface Evaluation {
  answers: EvaluatedAnswer[];
  /** By condition id; scored answers only. */
  summaries: Record<string, ScoreSummary>;
  /** Why the judge stopped, when it did: the answers are kept without scores. */
  judgeError: Error | null;
}

export interface EvaluateRequest {
  conditions: Condition[];
  questions: Question[];
  sampling: Sampling;
  /** Null: answers only. */
  judge: Judge | null;
  onAnswer?: (answer: EvaluatedAnswer) => void;
  onToken?: (conditionId: string, questionIndex: number, sample: number, id: number) => void;
  /** Called again for an answer once it has scores. */
  onScored?: (answer: EvaluatedAnswer) => void;
}

/**
 * Answers and scores of every condition on the same questions and seed.
 * A judge that fails ends the scoring, not the evaluation: what was written and scored comes back with the error.
 * @throws ArgumentError for impossible settings; DOMException AbortError when cancelled (the callbacks have told what there was).
 */
export async function evaluate(bench: Bench, request: EvaluateRequest): Promise<Evaluation> {
  const { conditions, questions, sampling, judge } = request;
  const answers: EvaluatedAnswer[] = [];
  let judgeError: Error | null = null;
  for (const condition of conditions) {
    const own: EvaluatedAnswer[] = [];
    await sampleAnswers(bench, condition, questions, sampling, {
      onAnswer: (sampled) => {
        const answer = evaluated(condition, sampled, sampling.seed);
        own.push(answer);
        request.onAnswer?.(answer);
      },
      onToken: (questionIndex, sample, id) => request.onToken?.(condition.id, questionIndex, sample, id),
    });
    answers.push(...own);
    if (judge && !judgeError) judgeError = await scoreAnswers(bench, judge, condition, own, request.onScored);
  }
  return { answers, summaries: summaries(answers), judgeError };
}

/** Scores answers in place. @returns the judge's failure, if any; an abort is thrown. */
export async function scoreAnswers(
  bench: Bench,
  judge: Judge,
  condition: Condition,
  answers: EvaluatedAnswer[],
  onScored?: (answer: EvaluatedAnswer) => void,
): Promise<Error | null> {
  let done = 0;
  const settle = (index: number, scores: Scores) => {
    const answer = answers[index] as EvaluatedAnswer;
    answer.scores = scores;
    answer.judge = judge.id;
    onScored?.(answer);
    bench.onProgress?.({ stage: 'judge', label: condition.name, done: ++done, total: answers.length });
  };
  const rows = answers.map(
    (answer): JudgeRow => ({ question: answer.question, answer: answer.answer, messages: conversation(condition, answer.question) }),
  );
  try {
    await judge.judge(rows, { signal: bench.signal, onScored: settle });
    return null;
  } catch (error) {
    if (bench.signal?.aborted || !(error instanceof Error)) throw error;
    if (error instanceof JudgeFailure) {
      error.partial.forEach((scores, index) => {
        if (scores && !answers[index]?.scores) settle(index, scores);
      });
    }
    return error;
  }
}

/** Summaries by condition id over the scored answers. */
export function summaries(answers: readonly EvaluatedAnswer[]): Record<string, ScoreSummary> {
  const found: Record<string, ScoreSummary> = {};
  for (const id of new Set(answers.map((answer) => answer.conditionId))) {
    found[id] = summarise(answers.flatMap((answer) => (answer.conditionId === id && answer.scores ? [answer.scores] : [])));
  }
  return found;
}

function evaluated(condition: Condition, sampled: SampledAnswer, seed: number): EvaluatedAnswer {
  return {
    condition: condition.name,
    conditionId: condition.id,
    questionId: sampled.question.id,
    question: sampled.question.text,
    sample: sampled.sample,
    answer: sampled.text,
    ids: sampled.ids,
    seed,
    stopReason: sampled.stopReason,
    scores: null,
    judge: null,
  };
}
