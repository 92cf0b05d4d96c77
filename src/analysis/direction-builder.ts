import type { Direction, DirectionRecipe } from '../core/direction';
import { type ContrastSide, type DifferenceOptions, differenceInMeans } from './difference-in-means';
import { dot } from './vector';

export interface DirectionInput {
  id: string;
  name: string;
  hookPoint: string;
  positive: ContrastSide;
  negative: ContrastSide;
  /** Everything about the contrast that the numbers do not say; definition, pooling and counts are filled in here. */
  recipe: Omit<DirectionRecipe, 'definition' | 'pool' | 'positiveCount' | 'negativeCount'>;
}

/**
 * The Direction record of a contrast: the difference of means with its recipe, and both sides' mean projection on the unit vector.
 * Its deviation is null until tokens were read along it (`withTokenDeviation`): rows' means vary far less than the tokens that are tinted.
 * @throws ArgumentError as `differenceInMeans` does.
 */
export function buildDirection(input: DirectionInput, options: DifferenceOptions = {}): Direction {
  const { values, positiveMean, negativeMean } = differenceInMeans(input.positive, input.negative, options);
  const length = Math.sqrt(dot(values, values)) || 1;
  const unit = values.map((value) => value / length);
  return {
    id: input.id,
    name: input.name,
    hookPoint: input.hookPoint,
    values: Float32Array.from(values),
    negativeMeanProjection: dot(negativeMean, unit),
    positiveMeanProjection: dot(positiveMean, unit),
    projectionDeviation: null,
    recipe: {
      ...input.recipe,
      definition: options.definition ?? 'plain',
      pool: options.pool ?? 'token',
      positiveCount: input.positive.tokenCounts.length,
      negativeCount: input.negative.tokenCounts.length,
    },
  };
}

/** The direction with the tint's unit: the deviation of `h . v / |v|` over the negative rows' answer tokens. Not mutated. */
export function withTokenDeviation(direction: Direction, tokenProjections: ArrayLike<number>): Direction {
  return { ...direction, projectionDeviation: deviation(tokenProjections) };
}

/** Standard deviation (n-1); null below two values. */
function deviation(values: ArrayLike<number>): number | null {
  const count = values.length;
  if (count < 2) return null;
  let mean = 0;
  for (let i = 0; i < count; i++) mean += (values[i] as number) / count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += ((values[i] as number) - mean) ** 2;
  return Math.sqrt(squares / (count - 1));
}
