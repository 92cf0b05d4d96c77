import type { Reproduction } from '../document/reproduction';
import type { RecomputeReport } from './state';

/** A comparison as the screen reports it: answers without a difference are counted only. Tokens are counted from 1, as on the token card. */
export function recomputeReport(comparison: Reproduction, madeUnder: string): RecomputeReport {
  return {
    madeUnder,
    answers: comparison.total,
    matched: comparison.matched,
    scoresMatched: comparison.matchedScores,
    scores: comparison.totalScores,
    differences: comparison.answers.flatMap(({ conditionId, questionId, sample, present, firstDifference, scoreDifferences }) => {
      const what = !present
        ? 'not generated'
        : firstDifference
          ? `differs from token ${firstDifference.index + 1}`
          : scoreDifferences.map(({ name, recorded, fresh }) => `${name} ${recorded ?? 'no score'} → ${fresh ?? 'no score'}`).join(', ');
      return what ? [{ conditionId, questionId, sample, what }] : [];
    }),
  };
}
