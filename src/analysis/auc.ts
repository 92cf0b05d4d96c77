import { type BootstrapOptions, bootstrapInterval, type Interval } from './intervals';

/**
 * Area under the ROC curve: the chance that a positive row scores above a negative one, ties counted half.
 * NaN when a class is empty. `weights` repeat rows (a bootstrap draw).
 */
export function rocAuc(scores: ArrayLike<number>, positive: readonly boolean[], weights?: ArrayLike<number>): number {
  return aucOfOrder(rankOrder(scores), scores, positive, weights);
}

function rankOrder(scores: ArrayLike<number>): number[] {
  return Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => (scores[a] as number) - (scores[b] as number));
}

function aucOfOrder(
  order: readonly number[],
  scores: ArrayLike<number>,
  positive: readonly boolean[],
  weights?: ArrayLike<number>,
): number {
  let negativesBelow = 0;
  let positives = 0;
  let wins = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let tiedPositive = 0;
    let tiedNegative = 0;
    const score = scores[order[start] as number];
    for (; end < order.length && scores[order[end] as number] === score; end++) {
      const index = order[end] as number;
      const weight = weights ? (weights[index] as number) : 1;
      if (positive[index]) tiedPositive += weight;
      else tiedNegative += weight;
    }
    wins += tiedPositive * (negativesBelow + tiedNegative / 2);
    positives += tiedPositive;
    negativesBelow += tiedNegative;
    // NaN equals nothing, itself included: step over it instead of standing still.
    start = Math.max(end, start + 1);
  }
  return wins / (positives * negativesBelow);
}

/**
 * `rocAuc` with a bootstrap interval over whole groups, because rows of one prompt are no independent draws.
 * @param groups one name a row; rows resample together.
 */
export function aucInterval(
  scores: ArrayLike<number>,
  positive: readonly boolean[],
  groups: readonly string[],
  options: BootstrapOptions = {},
): Interval {
  const names = [...new Set(groups)];
  const groupIndex = new Map(names.map((name, i) => [name, i]));
  const rowGroup = groups.map((name) => groupIndex.get(name) as number);
  const order = rankOrder(scores);
  const weights = new Float64Array(scores.length);
  return bootstrapInterval(
    names.length,
    (counts) => {
      for (let i = 0; i < weights.length; i++) weights[i] = counts[rowGroup[i] as number] as number;
      return aucOfOrder(order, scores, positive, weights);
    },
    options,
  );
}

/** Cohen's d: difference of the class means over the pooled standard deviation (n-1). NaN when a class has fewer than two rows. */
export function cohensD(positive: readonly number[], negative: readonly number[]): number {
  const moments = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { mean, squares: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) };
  };
  if (positive.length < 2 || negative.length < 2) return Number.NaN;
  const a = moments(positive);
  const b = moments(negative);
  return (a.mean - b.mean) / Math.sqrt((a.squares + b.squares) / (positive.length + negative.length - 2));
}
