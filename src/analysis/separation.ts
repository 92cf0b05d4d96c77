import type { Tensor } from '../core/tensor';
import { aucInterval, cohensD } from './auc';
import { type Definition, differenceInMeans, type Pooling } from './difference-in-means';
import { groupFolds } from './folds';
import type { BootstrapOptions, Interval } from './intervals';
import { dot, row, takeRows } from './vector';

/** Rows of both sides of a contrast at one hook point. */
export interface LabelledMeans {
  /** `[rows, dModel]`. */
  means: Tensor;
  tokenCounts: readonly number[];
  positive: readonly boolean[];
  /** Prompt or situation of each row: rows of one group are held out together. */
  groups: readonly string[];
}

/** How well a difference of means tells held-out groups apart at one hook point. */
export interface Separation {
  hookPoint: string;
  /** AUC of held-out projections, its interval by bootstrap over groups. */
  auc: Interval;
  cohensD: number;
  /** Norm of the difference over all rows. */
  norm: number;
  /** Mean residual norm of the rows' means, for scale. */
  meanNorm: number;
  positiveCount: number;
  negativeCount: number;
  groupCount: number;
  /** Out-of-fold projection of each row; NaN where its training folds lacked a side. */
  projections: number[];
}

export interface SeparationOptions extends BootstrapOptions {
  pool?: Pooling;
  definition?: Definition;
  shrinkage?: number | 'auto';
  /** Number of grouped folds; as many as groups allow, at most 5, unless told. */
  folds?: number;
  /** Fold of each row, instead of folds made here. */
  foldOf?: readonly number[];
}

/**
 * Held-out separation of the two sides: for each fold the direction is the difference of means of the other folds' rows,
 * and a held-out row scores `(h - midpoint) . v / |v|`, so that folds share one zero. Grouped, because rows of one prompt share its words.
 * @throws ArgumentError with fewer than two groups.
 */
export function separation(hookPoint: string, data: LabelledMeans, options: SeparationOptions = {}): Separation {
  const { pool, definition, shrinkage } = options;
  const difference = (indices: readonly number[]) =>
    differenceInMeans(side(data, indices, true), side(data, indices, false), { pool, definition, shrinkage });
  const all = data.groups.map((_, index) => index);
  const foldOf = options.foldOf ?? groupFolds(data.groups, options.folds ?? Math.max(2, Math.min(5, new Set(data.groups).size)));
  const projections = new Array<number>(all.length).fill(Number.NaN);
  for (const fold of new Set(foldOf)) {
    const train = all.filter((index) => foldOf[index] !== fold);
    if (new Set(train.map((index) => data.positive[index])).size < 2) continue;
    const { values, positiveMean, negativeMean } = difference(train);
    const length = Math.sqrt(dot(values, values)) || 1;
    const midpoint = (dot(values, positiveMean) + dot(values, negativeMean)) / 2;
    for (const index of all) if (foldOf[index] === fold) projections[index] = (dot(row(data.means, index), values) - midpoint) / length;
  }
  const scored = all.filter((index) => !Number.isNaN(projections[index] as number));
  const of = (positive: boolean) =>
    scored.filter((index) => data.positive[index] === positive).map((index) => projections[index] as number);
  const whole = difference(all).values;
  return {
    hookPoint,
    auc: aucInterval(
      scored.map((index) => projections[index] as number),
      scored.map((index) => data.positive[index] as boolean),
      scored.map((index) => data.groups[index] as string),
      options,
    ),
    cohensD: cohensD(of(true), of(false)),
    norm: Math.sqrt(dot(whole, whole)),
    meanNorm: all.reduce((sum, index) => sum + Math.sqrt(dot(row(data.means, index), row(data.means, index))), 0) / all.length,
    positiveCount: data.positive.filter(Boolean).length,
    negativeCount: data.positive.filter((positive) => !positive).length,
    groupCount: new Set(data.groups).size,
    projections,
  };
}

function side(data: LabelledMeans, indices: readonly number[], positive: boolean) {
  const chosen = indices.filter((index) => data.positive[index] === positive);
  return { means: takeRows(data.means, chosen), tokenCounts: chosen.map((index) => data.tokenCounts[index] as number) };
}
