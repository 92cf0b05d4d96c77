import type { Tensor } from '../core/tensor';
import { row } from './vector';

/** Per-dimension mean and standard deviation of training rows. */
export interface Standardiser {
  mean: Float64Array;
  /** Population deviation (n); 1 where a dimension is constant. */
  deviation: Float64Array;
}

/** Mean and deviation of the chosen rows of `[rows, dModel]`, in f64. */
export function fitStandardiser(data: Tensor, indices: readonly number[]): Standardiser {
  const width = data.shape[1] as number;
  const mean = new Float64Array(width);
  const deviation = new Float64Array(width);
  for (const index of indices) {
    const values = row(data, index);
    for (let j = 0; j < width; j++) mean[j] = (mean[j] as number) + (values[j] as number) / indices.length;
  }
  for (const index of indices) {
    const values = row(data, index);
    for (let j = 0; j < width; j++)
      deviation[j] = (deviation[j] as number) + ((values[j] as number) - (mean[j] as number)) ** 2 / indices.length;
  }
  for (let j = 0; j < width; j++) {
    const root = Math.sqrt(deviation[j] as number);
    deviation[j] = root > 1e-12 * Math.abs(mean[j] as number) && root > 0 ? root : 1;
  }
  return { mean, deviation };
}

/** `(x - mean) / deviation` as a new array. */
export function standardise(standardiser: Standardiser, values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, (value, j) => (value - (standardiser.mean[j] as number)) / (standardiser.deviation[j] as number));
}
