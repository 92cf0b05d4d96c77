import type { RecordedAnswer } from './schema';

type ScoreName = keyof RecordedAnswer['scores'];

const SCORE_NAMES: readonly ScoreName[] = ['alignment', 'coherence', 'domain', 'custom'];

/** Scores are recorded to 0.01 and backends differ in the last bits: closer than this is the same score. */
export const SCORE_TOLERANCE = 0.1;

export interface TokenDifference {
  /** Position in the answer, from 0. */
  index: number;
  /** null: the answer had ended. */
  recordedId: number | null;
  freshId: number | null;
}

export interface ScoreDifference {
  name: ScoreName;
  recorded: number | null;
  fresh: number | null;
}

export interface AnswerComparison {
  conditionId: string;
  questionId: string;
  sample: number;
  /** False when the fresh run has no such answer. */
  present: boolean;
  tokensMatch: boolean;
  firstDifference: TokenDifference | null;
  comparedScores: number;
  scoreDifferences: ScoreDifference[];
}

export interface Reproduction {
  answers: AnswerComparison[];
  /** Answers whose tokens are all equal. */
  matched: number;
  total: number;
  matchedScores: number;
  totalScores: number;
  /** Everything matched and nothing is missing. */
  complete: boolean;
  /** One line for the screen: `reproduced 31/32 answers token by token, 1 differs (first at token 7); 64/64 scores within 0.1`. */
  summary: string;
}

function keyOf(answer: { conditionId: string; questionId: string; sample: number }): string {
  return JSON.stringify([answer.conditionId, answer.questionId, answer.sample]);
}

function firstDifference(recorded: readonly number[], fresh: readonly number[]): TokenDifference | null {
  const length = Math.max(recorded.length, fresh.length);
  for (let index = 0; index < length; index++) {
    const recordedId = recorded[index] ?? null;
    const freshId = fresh[index] ?? null;
    if (recordedId !== freshId) return { index, recordedId, freshId };
  }
  return null;
}

function compareAnswer(recorded: RecordedAnswer, fresh: RecordedAnswer | undefined, tolerance: number | null): AnswerComparison {
  const { conditionId, questionId, sample } = recorded;
  const scored =
    tolerance === null ? [] : SCORE_NAMES.filter((name) => recorded.scores[name] !== null || (fresh && fresh.scores[name] !== null));
  const scoreDifferences = scored
    .map((name) => ({ name, recorded: recorded.scores[name], fresh: fresh?.scores[name] ?? null }))
    .filter((pair) => pair.recorded === null || pair.fresh === null || Math.abs(pair.recorded - pair.fresh) > (tolerance ?? 0));
  const difference = firstDifference(recorded.ids, fresh?.ids ?? []);
  return {
    conditionId,
    questionId,
    sample,
    present: fresh !== undefined,
    tokensMatch: fresh !== undefined && difference === null,
    firstDifference: difference,
    comparedScores: scored.length,
    scoreDifferences,
  };
}

function summarise(answers: readonly AnswerComparison[], matchedScores: number, totalScores: number, tolerance: number | null): string {
  const missing = answers.filter((answer) => !answer.present).length;
  const differing = answers.filter((answer) => answer.present && !answer.tokensMatch);
  const matched = answers.length - missing - differing.length;
  const parts = [`reproduced ${matched}/${answers.length} answers token by token`];
  const [first] = differing;
  if (first)
    parts.push(
      `${differing.length} ${differing.length === 1 ? 'differs' : 'differ'} (first at token ${(first.firstDifference?.index ?? 0) + 1})`,
    );
  if (missing > 0) parts.push(`${missing} missing`);
  const scores = totalScores > 0 ? `; ${matchedScores}/${totalScores} scores within ${tolerance}` : '';
  return parts.join(', ') + scores;
}

/**
 * Compares a fresh run with the recorded one, answer by answer: all tokens equal, and each score within `tolerance` (0-100 scale).
 * Without a tolerance scores are not compared, as where another judge gave them.
 * Answers are matched by condition, question and sample; fresh answers that were not recorded are ignored. Nothing is mutated.
 */
export function compareRecorded(
  recorded: { answers: readonly RecordedAnswer[] },
  fresh: { answers: readonly RecordedAnswer[] },
  tolerance: number | null = SCORE_TOLERANCE,
): Reproduction {
  const freshByKey = new Map(fresh.answers.map((answer) => [keyOf(answer), answer]));
  const answers = recorded.answers.map((answer) => compareAnswer(answer, freshByKey.get(keyOf(answer)), tolerance));
  const matched = answers.filter((answer) => answer.tokensMatch).length;
  const totalScores = answers.reduce((sum, answer) => sum + answer.comparedScores, 0);
  const matchedScores = totalScores - answers.reduce((sum, answer) => sum + answer.scoreDifferences.length, 0);
  return {
    answers,
    matched,
    total: answers.length,
    matchedScores,
    totalScores,
    complete: matched === answers.length && matchedScores === totalScores,
    summary: summarise(answers, matchedScores, totalScores, tolerance),
  };
}
