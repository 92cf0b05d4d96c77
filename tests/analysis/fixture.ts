import { readFileSync } from 'node:fs';
import type { Tensor } from '../../src/core/tensor';

export interface DifferenceReference {
  plain: number[];
  standardised: number[];
  whitenedAuto: number[];
  shrinkage: number;
  whitened03: number[];
}

export interface AnalysisCase {
  name: string;
  x: number[][];
  positive: boolean[];
  groups: string[];
  tokenCounts: number[];
  differences: { token: DifferenceReference; response: DifferenceReference; lda03: number[] };
  logistic: Array<{ C: number; classWeight: 'none' | 'balanced'; weights: number[]; intercept: number; heldOut: number[]; auc: number }>;
  separation: { projections: number[]; auc: number; cohensD: number };
  pca: { components: number[][]; scores: number[][]; explainedVariance: number[]; explainedVarianceRatio: number[] };
  cosines: number[][];
}

export interface AnalysisReference {
  cases: AnalysisCase[];
  tiedAuc: { scores: number[]; positive: boolean[]; auc: number };
  wilson: Array<{ count: number; total: number; low: number; high: number }>;
  bootstrap: Array<{ values: number[]; seed: number; resamples: number; value: number; low: number; high: number }>;
}

/** Values by numpy and scikit-learn; made by tools/fixtures/analysis.py. */
export const reference = JSON.parse(readFileSync(new URL('./fixtures/analysis.json', import.meta.url), 'utf8')) as AnalysisReference;

export function tensor(rows: readonly number[][]): Tensor {
  return { data: Float32Array.from(rows.flat()), shape: [rows.length, rows[0]?.length ?? 0] };
}

/** `max |a - b| / max |b|`. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let error = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs((actual[i] as number) - (expected[i] as number));
    if (!(difference <= error)) error = difference;
    scale = Math.max(scale, Math.abs(expected[i] as number));
  }
  return error / (scale || 1);
}
