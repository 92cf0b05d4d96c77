import type { AppState } from '../../store/state';
import { mainScore } from './main-score';

/** Why answers have no score, and how many for that reason; the commonest first. */
export interface UnscoredCount {
  reason: string;
  count: number;
}

export const NOT_OF_THE_WORLD = 'the question is not of the embedded world';

/** A judge's reason such as `alignment: numeric mass 0.12 < 0.25` in words without figures of its own, so that equal reasons can be counted. */
export function reasonWords(verdict: string | null): string {
  if (!verdict) return 'the judge gave none';
  const parts = verdict.split('; ').map((part) =>
    part
      .replace(/^\w+: (?=numeric mass|grade mass|the judge answered)/, '')
      .replace(/^numeric mass \S+ < 0(\.\d+)$/, 'the judge put under $1 of its mass on numbers')
      .replace(/^grade mass \S+ < 0(\.\d+)$/, 'the judge put under $1 of its mass on grades'),
  );
  return [...new Set(parts)].join('; ');
}

/** The answers of one condition without the score that stands big, counted by their judge's reason. */
export function unscoredCounts({ runtime }: Pick<AppState, 'runtime'>, conditionId: string): UnscoredCount[] {
  const summary = runtime.summaries[conditionId];
  const own = summary !== undefined && mainScore(summary).name === 'score';
  const counts = new Map<string, number>();
  for (const { conditionId: of, scores, stale, status } of Object.values(runtime.answers)) {
    if (of !== conditionId || !scores || (own ? scores.custom : scores.alignment) !== null) continue;
    if (stale && !summary?.stale) continue;
    // A link records scores, not why one is missing.
    const reason = status === 'recorded' && !scores.verdict ? 'the recording does not say why' : reasonWords(scores.verdict);
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
}

/** Whether the organism's judge model can score what its grammar cannot: it reads any answer of the embedded organism. */
export function offersJudgeModel({ document, runtime }: Pick<AppState, 'document' | 'runtime'>, counts: readonly UnscoredCount[]): boolean {
  return (
    document.judge.kind === 'grammar' &&
    document.model.source === 'organism' &&
    runtime.modelStatus === 'ready' &&
    !runtime.recordedOnly &&
    counts.some(({ reason }) => reason === NOT_OF_THE_WORLD)
  );
}
