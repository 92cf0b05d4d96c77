import { ArgumentError } from '../core/errors';
import type { Tensor } from '../core/tensor';

/** `a . b`, summed in f64. @throws ArgumentError when the lengths differ. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw new ArgumentError(`dot product: expected equal lengths, got ${a.length} and ${b.length}.`, 'Compare vectors of one model.');
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** `a . b / (|a| |b|)`; 0 when either is the zero vector. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const scale = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b));
  return scale === 0 ? 0 : dot(a, b) / scale;
}

/** `y += factor * x`; mutates y. */
export function addScaled(y: Float64Array, factor: number, x: ArrayLike<number>): void {
  for (let i = 0; i < y.length; i++) y[i] = (y[i] as number) + factor * (x[i] as number);
}

/** Row `index` of a `[rows, columns]` tensor, as a view. */
export function row(tensor: Tensor, index: number): Float32Array {
  const width = tensor.shape[1] as number;
  return tensor.data.subarray(index * width, (index + 1) * width);
}

/** The chosen rows of a `[rows, columns]` tensor, copied. */
export function takeRows(tensor: Tensor, indices: readonly number[]): Tensor {
  const width = tensor.shape[1] as number;
  const data = new Float32Array(indices.length * width);
  for (const [i, index] of indices.entries()) data.set(row(tensor, index), i * width);
  return { data, shape: [indices.length, width] };
}

/** Pairwise cosines, `[n][n]`, symmetric with a unit diagonal (0 for zero vectors). */
export function cosineMatrix(vectors: ReadonlyArray<ArrayLike<number>>): number[][] {
  return vectors.map((a, i) => vectors.map((b, j) => (i === j ? (dot(a, a) === 0 ? 0 : 1) : cosine(a, b))));
}
