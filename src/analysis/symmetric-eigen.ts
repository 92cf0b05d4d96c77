import { createRng, gaussian } from '../core/rng';
import { addScaled, dot } from './vector';

/** Eigenpairs of a symmetric matrix, largest value first; `vectors[i]` belongs to `values[i]` and has unit length. */
export interface Eigenpairs {
  values: number[];
  vectors: Float64Array[];
}

/** All eigenpairs of a small dense symmetric matrix `[n][n]` by cyclic Jacobi rotations. Does not mutate its argument. */
export function jacobiEigen(matrix: ReadonlyArray<ArrayLike<number>>): Eigenpairs {
  const n = matrix.length;
  const a = matrix.map((values) => Float64Array.from(values));
  const vectors = a.map((_, i) => Float64Array.from({ length: n }, (_unused, j) => (i === j ? 1 : 0)));
  const at = (i: number, j: number) => (a[i] as Float64Array)[j] as number;
  const total = a.reduce((sum, values) => sum + dot(values, values), 0);
  for (let sweep = 0; sweep < 60; sweep++) {
    let offDiagonal = 0;
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) offDiagonal += at(i, j) ** 2;
    if (offDiagonal <= 1e-30 * total) break;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const pivot = at(p, q);
        if (pivot === 0) continue;
        const theta = (at(q, q) - at(p, p)) / (2 * pivot);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++) rotate(a[k] as Float64Array, p, q, c, s);
        rotateRows(a[p] as Float64Array, a[q] as Float64Array, c, s);
        rotateRows(vectors[p] as Float64Array, vectors[q] as Float64Array, c, s);
      }
    }
  }
  const order = vectors.map((_, i) => i).sort((i, j) => at(j, j) - at(i, i));
  return { values: order.map((i) => at(i, i)), vectors: order.map((i) => vectors[i] as Float64Array) };
}

function rotate(values: Float64Array, p: number, q: number, c: number, s: number): void {
  const x = values[p] as number;
  const y = values[q] as number;
  values[p] = c * x - s * y;
  values[q] = s * x + c * y;
}

function rotateRows(x: Float64Array, y: Float64Array, c: number, s: number): void {
  for (let k = 0; k < x.length; k++) {
    const held = x[k] as number;
    x[k] = c * held - s * (y[k] as number);
    y[k] = s * held + c * (y[k] as number);
  }
}

/**
 * The `count` largest eigenpairs of a symmetric positive semi-definite operator on `[size]` by Lanczos' iteration with full reorthogonalisation.
 * Stops when each pair's residual is at most `tolerance` times the largest eigenvalue. The start vector is seeded, so results repeat.
 * @source Lanczos 1950; reorthogonalised twice as in Parlett, The Symmetric Eigenvalue Problem.
 */
export function lanczosEigen(apply: (x: Float64Array) => Float64Array, size: number, count: number, tolerance = 1e-12): Eigenpairs {
  const rng = createRng(1, 0x1a2c);
  const basis: Float64Array[] = [];
  const diagonal: number[] = [];
  const offDiagonal: number[] = [];
  let next = orthonormal(
    Float64Array.from({ length: size }, () => gaussian(rng)),
    basis,
  ).vector;
  while (basis.length < size) {
    basis.push(next);
    const image = apply(next);
    diagonal.push(dot(image, next));
    const step = orthonormal(image, basis);
    const scale = Math.max(...diagonal.map(Math.abs));
    const invariant = step.length <= 1e-14 * scale;
    offDiagonal.push(invariant ? 0 : step.length);
    // The space found so far is invariant: go on in a fresh direction, uncoupled from it.
    next =
      invariant && basis.length < size
        ? orthonormal(
            Float64Array.from({ length: size }, () => gaussian(rng)),
            basis,
          ).vector
        : step.vector;
    const due = basis.length >= Math.min(size, 2 * count + 8) && basis.length % 8 === 0;
    if (due && !invariant && converged(diagonal, offDiagonal, count, tolerance)) break;
  }
  const small = jacobiEigen(tridiagonal(diagonal, offDiagonal));
  const kept = Math.min(count, basis.length);
  const vectors = small.vectors.slice(0, kept).map((weights) => {
    const vector = new Float64Array(size);
    for (const [i, base] of basis.entries()) addScaled(vector, weights[i] as number, base);
    return vector;
  });
  return { values: small.values.slice(0, kept), vectors };
}

function converged(diagonal: number[], offDiagonal: number[], count: number, tolerance: number): boolean {
  const { values, vectors } = jacobiEigen(tridiagonal(diagonal, offDiagonal));
  const last = offDiagonal[diagonal.length - 1] as number;
  const target = tolerance * Math.abs(values[0] as number);
  return vectors.slice(0, count).every((vector) => Math.abs(last * (vector[diagonal.length - 1] as number)) <= target);
}

function tridiagonal(diagonal: readonly number[], offDiagonal: readonly number[]): number[][] {
  return diagonal.map((value, i) =>
    diagonal.map((_, j) => {
      if (i === j) return value;
      return Math.abs(i - j) === 1 ? (offDiagonal[Math.min(i, j)] as number) : 0;
    }),
  );
}

/** The part of `values` orthogonal to the basis, at unit length, with the length it had. Mutates `values`. */
function orthonormal(values: Float64Array, basis: readonly Float64Array[]): { vector: Float64Array; length: number } {
  for (let pass = 0; pass < 2; pass++) for (const base of basis) addScaled(values, -dot(values, base), base);
  const length = Math.sqrt(dot(values, values));
  return { vector: length === 0 ? values : values.map((value) => value / length), length };
}
