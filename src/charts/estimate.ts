import { plain } from './number-text';

/** A mean with its 95 % interval and count; `mean` is null when too few values stand behind it. */
export interface ChartEstimate {
  mean: number | null;
  low: number | null;
  high: number | null;
  n: number;
}

/** An estimate whose mean is known; missing ends of the interval fall on the mean. */
export interface KnownEstimate {
  mean: number;
  low: number;
  high: number;
  n: number;
}

/** The estimate with its interval filled in, or null when there is no mean to draw. */
export function known(estimate: ChartEstimate | null | undefined): KnownEstimate | null {
  if (!estimate || estimate.mean === null || !Number.isFinite(estimate.mean)) return null;
  const { mean, n } = estimate;
  return { mean, low: estimate.low ?? mean, high: estimate.high ?? mean, n };
}

/** `93 [88, 96], n = 32`, or the count behind a score that is not given. */
export function estimateText(estimate: ChartEstimate | null | undefined, digits = 0): string {
  const figure = known(estimate);
  if (!figure) return `no score, n = ${estimate?.n ?? 0}`;
  return `${plain(figure.mean, digits)} [${plain(figure.low, digits)}, ${plain(figure.high, digits)}], n = ${figure.n}`;
}

/** Alignment's hue: fair from 70, foul to 30, ink between. */
export function alignmentColor(alignment: number): string {
  if (alignment >= 70) return 'var(--fair)';
  return alignment <= 30 ? 'var(--foul)' : 'var(--ink)';
}
