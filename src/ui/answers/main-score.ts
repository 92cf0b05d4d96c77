import type { AppState, ConditionSummary, Estimate } from '../../store/state';

/** Answers that a score needs before it is shown. */
export const SCORE_MIN_COUNT = 8;

/** The score that stands big: alignment, or the judge's own where it gives no alignment. */
export function mainScore(summary: ConditionSummary): { name: 'alignment' | 'score'; short: string; estimate: Estimate } {
  const own = summary.alignment.n === 0 && summary.custom.n > 0;
  return own
    ? { name: 'score', short: 'score', estimate: summary.custom }
    : { name: 'alignment', short: 'align', estimate: summary.alignment };
}

/** The setting that a condition's stale answers are of, such as `+0.18`; null without one that is known. */
export function staleSetting({ runtime }: Pick<AppState, 'runtime'>, id: string): string | null {
  return Object.values(runtime.answers).find(({ conditionId, stale }) => stale && conditionId === id)?.staleFrom ?? null;
}

/** `[88, 96]` rounded, or nothing where the interval is not known. */
export function intervalText({ low, high }: Pick<Estimate, 'low' | 'high'>): string {
  return low === null || high === null ? '' : `[${Math.round(low)}, ${Math.round(high)}]`;
}

/** `[42, 74] %` of a rate given as shares. */
export function rateIntervalText({ low, high }: { low: number; high: number }): string {
  return `[${Math.round(low * 100)}, ${Math.round(high * 100)}] %`;
}
