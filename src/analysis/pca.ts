import { ArgumentError } from '../core/errors';
import type { Tensor } from '../core/tensor';
import { lanczosEigen } from './symmetric-eigen';
import { addScaled, dot, row } from './vector';

export interface PrincipalComponents {
  /** `[dModel]`, subtracted before projecting. */
  mean: Float64Array;
  /** Unit vectors `[components][dModel]`; the entry of largest magnitude is positive. */
  components: Float64Array[];
  /** Coordinates `[rows][components]`. */
  scores: number[][];
  /** Variance along each component (n-1). */
  explainedVariance: number[];
  /** Its share of the total variance. */
  explainedVarianceRatio: number[];
}

/**
 * Principal components of `[rows, dModel]`: the leading eigenvectors of the centred covariance.
 * Works on the smaller of the rows' Gram matrix and the covariance, neither of which is formed. Sums in f64; mutates nothing.
 * Fewer components come back where the rows span fewer dimensions.
 * @throws ArgumentError with fewer than two rows.
 */
export function principalComponents(data: Tensor, count = 2): PrincipalComponents {
  const [rows = 0, width = 0] = data.shape;
  if (rows < 2) throw new ArgumentError(`PCA: expected at least 2 rows, got ${rows}.`, 'Capture more answers.');
  const mean = new Float64Array(width);
  for (let i = 0; i < rows; i++) addScaled(mean, 1 / rows, row(data, i));
  const centred = Array.from({ length: rows }, (_, i) => Float64Array.from(row(data, i), (value, j) => value - (mean[j] as number)));
  const total = centred.reduce((sum, values) => sum + dot(values, values), 0);
  const byRows = rows <= width;
  const pairs = lanczosEigen(
    byRows ? (x) => images(centred, combine(centred, x, width)) : (x) => combine(centred, images(centred, x), width),
    byRows ? rows : width,
    Math.min(count, rows - 1, width),
  );
  const kept = pairs.values.map((_, i) => i).filter((i) => (pairs.values[i] as number) > 1e-12 * total);
  const components = kept.map((i) => {
    const vector = pairs.vectors[i] as Float64Array;
    return oriented(byRows ? combine(centred, vector, width) : vector);
  });
  const explained = kept.map((i) => pairs.values[i] as number);
  return {
    mean,
    components,
    scores: centred.map((values) => components.map((component) => dot(values, component))),
    explainedVariance: explained.map((value) => value / (rows - 1)),
    explainedVarianceRatio: explained.map((value) => value / total),
  };
}

/** Coordinates of one residual in the space of `pca`, `[components]`. */
export function projectOnComponents(pca: PrincipalComponents, values: ArrayLike<number>): number[] {
  const centred = Float64Array.from(values, (value, j) => value - (pca.mean[j] as number));
  return pca.components.map((component) => dot(centred, component));
}

/** `X x`: one product for each row. */
function images(rows: readonly Float64Array[], x: Float64Array): Float64Array {
  return Float64Array.from(rows, (values) => dot(values, x));
}

/** `X^T x`: the rows' weighted sum. */
function combine(rows: readonly Float64Array[], x: Float64Array, width: number): Float64Array {
  const sum = new Float64Array(width);
  for (const [i, values] of rows.entries()) addScaled(sum, x[i] as number, values);
  return sum;
}

/** Unit length, largest entry positive, so that a scatter does not flip between runs. */
function oriented(values: Float64Array): Float64Array {
  let largest = 0;
  for (const value of values) if (Math.abs(value) > Math.abs(largest)) largest = value;
  const scale = Math.sign(largest) / Math.sqrt(dot(values, values));
  return values.map((value) => value * scale);
}
