import { ArgumentError } from '../core/errors';
import type { Tensor } from '../core/tensor';
import { conjugateGradient } from './conjugate-gradient';
import { addScaled, dot, row } from './vector';

/** Residual means of one side of a contrast at one hook point. */
export interface ContrastSide {
  /** `[rows, dModel]`: mean over each row's selected tokens. */
  means: Tensor;
  /** Selected tokens of each row. */
  tokenCounts: readonly number[];
}

export type Pooling = 'token' | 'response';
export type Definition = 'plain' | 'standardised' | 'whitened';

export interface DifferenceOptions {
  pool?: Pooling;
  definition?: Definition;
  /** Weight of the identity in the whitening covariance, 0 to 1; `auto` is Ledoit and Wolf's estimate. */
  shrinkage?: number | 'auto';
}

export interface MeanDifference {
  /** `[dModel]`, unnormalised. Standardised and whitened ones are scaled to the plain difference's norm. */
  values: Float64Array;
  positiveMean: Float64Array;
  negativeMean: Float64Array;
  /** The shrinkage in use; null unless whitened. */
  shrinkage: number | null;
}

/**
 * `mean(positive) - mean(negative)`, plain, or with each dimension divided by its pooled within-class variance (`standardised`),
 * or multiplied by the inverse of the shrunk pooled covariance (`whitened`).
 * The last two are read-out directions; they are scaled to the plain difference's norm, so that a steering coefficient means the same length.
 * Sums in f64; mutates nothing.
 * @throws ArgumentError when a side is empty, the widths differ or a count is not positive.
 * @source plain: Soligo et al. 2025 (2506.11618), pooled by token; by response: Chen et al. 2025 (Persona Vectors).
 */
export function differenceInMeans(positive: ContrastSide, negative: ContrastSide, options: DifferenceOptions = {}): MeanDifference {
  const { pool = 'token', definition = 'plain', shrinkage = 'auto' } = options;
  checkSide('positive', positive);
  checkSide('negative', negative);
  const dModel = positive.means.shape[1] as number;
  if (negative.means.shape[1] !== dModel) {
    throw new ArgumentError(
      `difference in means: expected both sides [rows, ${dModel}], got [rows, ${negative.means.shape[1]}].`,
      'Read both sides from one model.',
    );
  }
  const positiveMean = pooledMean(positive, pool);
  const negativeMean = pooledMean(negative, pool);
  const plain = Float64Array.from(positiveMean);
  addScaled(plain, -1, negativeMean);
  if (definition === 'plain') return { values: plain, positiveMean, negativeMean, shrinkage: null };
  const centred = [...centredRows(positive, positiveMean, pool), ...centredRows(negative, negativeMean, pool)];
  if (definition === 'standardised') {
    return { values: rescaled(divideByVariance(plain, centred), plain), positiveMean, negativeMean, shrinkage: null };
  }
  const amount = shrinkage === 'auto' ? ledoitWolfShrinkage(centred) : shrinkage;
  if (!(amount >= 0 && amount <= 1)) {
    throw new ArgumentError(`shrinkage: expected 0 to 1 or auto, got ${amount}.`, 'Choose auto.');
  }
  return { values: rescaled(whiten(plain, centred, amount), plain), positiveMean, negativeMean, shrinkage: amount };
}

function checkSide(name: string, side: ContrastSide): void {
  const rows = side.means.shape[0] ?? 0;
  if (rows === 0) throw new ArgumentError(`${name} side: expected at least one row, got 0.`, 'Add answers to this side of the contrast.');
  if (side.tokenCounts.length !== rows) {
    throw new ArgumentError(`${name} side: expected ${rows} token counts, got ${side.tokenCounts.length}.`, 'Pass one count for each row.');
  }
  const empty = side.tokenCounts.findIndex((count) => !(count > 0));
  if (empty >= 0)
    throw new ArgumentError(
      `${name} row ${empty}: expected at least one token, got ${side.tokenCounts[empty]}.`,
      'Leave empty answers out.',
    );
}

/** `[dModel]`: the mean over all tokens, or over rows. */
export function pooledMean(side: ContrastSide, pool: Pooling): Float64Array {
  const mean = new Float64Array(side.means.shape[1] as number);
  const weights = poolingWeights(side, pool);
  for (let i = 0; i < weights.length; i++) addScaled(mean, weights[i] as number, row(side.means, i));
  return mean;
}

/** Each row's share of the mean; they sum to 1. */
function poolingWeights(side: ContrastSide, pool: Pooling): number[] {
  const total = side.tokenCounts.reduce((sum, count) => sum + count, 0);
  return side.tokenCounts.map((count) => (pool === 'token' ? count / total : 1 / side.tokenCounts.length));
}

/** Rows less their class mean, each scaled by the root of its weight so that the squares sum to the class covariance times its row count. */
function centredRows(side: ContrastSide, mean: Float64Array, pool: Pooling): Float64Array[] {
  const rows = side.tokenCounts.length;
  return poolingWeights(side, pool).map((weight, i) => {
    const scale = Math.sqrt(weight * rows);
    return Float64Array.from(row(side.means, i), (value, j) => scale * (value - (mean[j] as number)));
  });
}

function divideByVariance(plain: Float64Array, centred: readonly Float64Array[]): Float64Array {
  const variance = new Float64Array(plain.length);
  for (const values of centred)
    for (let j = 0; j < variance.length; j++) variance[j] = (variance[j] as number) + (values[j] as number) ** 2;
  const mean = variance.reduce((sum, value) => sum + value, 0) / (variance.length * centred.length);
  // A dimension that never moved within a class carries no evidence about its scale: the floor keeps it finite.
  const floor = mean * 1e-6 || 1;
  return plain.map((value, j) => value / Math.max((variance[j] as number) / centred.length, floor));
}

/** `((1 - shrinkage) S + shrinkage tr(S)/d I)^-1 plain` by conjugate gradients; S is never formed. */
function whiten(plain: Float64Array, centred: readonly Float64Array[], shrinkage: number): Float64Array {
  const trace = centred.reduce((sum, values) => sum + dot(values, values), 0) / centred.length;
  const ridge = Math.max(shrinkage, 1e-6) * (trace / plain.length || 1);
  const covarianceWeight = (1 - shrinkage) / centred.length;
  return conjugateGradient((x) => {
    const image = x.map((value) => ridge * value);
    for (const values of centred) addScaled(image, covarianceWeight * dot(values, x), values);
    return image;
  }, plain);
}

/**
 * The identity's weight that minimises the expected squared error of the shrunk covariance of centred rows.
 * @source Ledoit and Wolf 2004, A well-conditioned estimator for large-dimensional covariance matrices.
 */
export function ledoitWolfShrinkage(centred: readonly Float64Array[]): number {
  const rows = centred.length;
  const width = centred[0]?.length ?? 0;
  let squaredNorms = 0;
  let fourth = 0;
  let gram = 0;
  for (let i = 0; i < rows; i++) {
    const values = centred[i] as Float64Array;
    const square = dot(values, values);
    squaredNorms += square;
    fourth += square * square;
    gram += square * square;
    for (let j = 0; j < i; j++) gram += 2 * dot(values, centred[j] as Float64Array) ** 2;
  }
  const trace = squaredNorms / rows;
  const mean = trace / width;
  const frobenius = gram / (rows * rows);
  const delta = (frobenius - 2 * mean * trace + width * mean * mean) / width;
  const beta = Math.min((fourth / rows - frobenius) / (width * rows), delta);
  return delta > 0 && beta > 0 ? beta / delta : 0;
}

function rescaled(values: Float64Array, like: Float64Array): Float64Array {
  const length = Math.sqrt(dot(values, values));
  const factor = length === 0 ? 0 : Math.sqrt(dot(like, like)) / length;
  return values.map((value) => value * factor);
}
