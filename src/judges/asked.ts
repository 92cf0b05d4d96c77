import type { Scores } from './judge';
import type { rubricList } from './rubrics';
import type { NumericScore } from './scoring';

/** What a judge model answered to each rubric, as one row of scores. Reasons of missing scores are joined. */
export function gathered(rubrics: ReturnType<typeof rubricList>, results: readonly NumericScore[]): Scores {
  const scores: Scores = { alignment: null, coherence: null, domain: null };
  const reasons: string[] = [];
  rubrics.forEach((rubric, i) => {
    const result = results[i] as NumericScore;
    if (rubric.score === 'domain') {
      if (result.score !== null) scores.domain = { ...scores.domain, [rubric.domain ?? '']: result.score };
    } else scores[rubric.score] = result.score;
    if (result.verdict) scores.verdict = result.verdict;
    if (result.reason) reasons.push(`${rubric.domain ?? rubric.score}: ${result.reason}`);
  });
  if (reasons.length > 0) scores.reason = reasons.join('; ');
  return scores;
}
