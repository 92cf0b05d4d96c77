import { addScaled, dot } from './vector';

/**
 * Solves `A x = b` for a symmetric positive definite A that is given by its product with a vector.
 * Stops at `|b - A x| <= tolerance |b|` or after `maxIterations`. Mutates neither argument.
 */
export function conjugateGradient(
  apply: (x: Float64Array) => Float64Array,
  b: Float64Array,
  tolerance = 1e-12,
  maxIterations = 4 * b.length,
): Float64Array {
  const x = new Float64Array(b.length);
  const residual = Float64Array.from(b);
  const step = Float64Array.from(b);
  let squared = dot(residual, residual);
  const target = tolerance * tolerance * squared;
  for (let i = 0; i < maxIterations && squared > target; i++) {
    const image = apply(step);
    const length = squared / dot(step, image);
    addScaled(x, length, step);
    addScaled(residual, -length, image);
    const next = dot(residual, residual);
    const ratio = next / squared;
    for (let j = 0; j < step.length; j++) step[j] = (residual[j] as number) + ratio * (step[j] as number);
    squared = next;
  }
  return x;
}
