import { ALIGNMENT_SIDES, type Direction, norm } from '../core/direction';
import { createRng, gaussian } from '../core/rng';
import { dot } from './vector';

/** A random direction of the SAME norm as `direction` (a standard normal draw scaled to it), seeded. */
export function randomDirection(direction: Direction, seed: number): Direction {
  const draw = normalDraw(direction.values.length, seed);
  return derived(direction, 'random', `random, same norm, seed ${seed}`, scaledTo(draw, norm(direction.values)), seed);
}

/** A seeded direction of the same norm whose product with `direction` is zero. */
export function orthogonalDirection(direction: Direction, seed: number): Direction {
  const draw = normalDraw(direction.values.length, seed);
  const squared = dot(direction.values, direction.values);
  const share = squared === 0 ? 0 : dot(draw, direction.values) / squared;
  const rest = draw.map((value, i) => value - share * (direction.values[i] as number));
  return derived(direction, 'orthogonal', `orthogonal, same norm, seed ${seed}`, scaledTo(rest, norm(direction.values)), seed);
}

/** `-v`, with the two sides' statistics exchanged: a clamp to the "negative" mean then restores the former positive one. */
export function flippedDirection(direction: Direction): Direction {
  const sides = direction.recipe.sides ?? ALIGNMENT_SIDES;
  const negated = (value: number | null) => (value === null ? null : -value);
  return {
    ...direction,
    id: `${direction.id}-flipped`,
    name: `${direction.name} (sign flipped)`,
    values: direction.values.map((value) => -value),
    negativeMeanProjection: negated(direction.positiveMeanProjection),
    positiveMeanProjection: negated(direction.negativeMeanProjection),
    recipe: {
      ...direction.recipe,
      definition: 'flipped',
      sides: { positive: sides.negative, negative: sides.positive },
      positiveCount: direction.recipe.negativeCount,
      negativeCount: direction.recipe.positiveCount,
    },
  };
}

function normalDraw(length: number, seed: number): Float64Array {
  const rng = createRng(seed, 0xd14c);
  return Float64Array.from({ length }, () => gaussian(rng));
}

function scaledTo(values: Float64Array, length: number): Float32Array {
  const factor = length / Math.sqrt(dot(values, values));
  return Float32Array.from(values, (value) => value * factor);
}

function derived(direction: Direction, definition: 'random' | 'orthogonal', label: string, values: Float32Array, seed: number): Direction {
  return {
    ...direction,
    id: `${direction.id}-${definition}-${seed}`,
    name: `${direction.name} (${label})`,
    values,
    // Nothing was measured along this vector.
    negativeMeanProjection: null,
    positiveMeanProjection: null,
    projectionDeviation: null,
    recipe: { ...direction.recipe, definition, seed },
  };
}
