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
  /** `h . v / |v|` of every token of the negative rows, when it was read: its deviation is the tint's unit. */
  negativeTokenProjections?: ArrayLike<number>;
}

/**
 * The Direction record of a contrast: the difference of means with its recipe, and both sides' mean projection on the unit vector.
 * Without token projections the deviation is that of the negative rows' means, which is smaller than a token's.
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
    projectionDeviation: deviation(input.negativeTokenProjections ?? rowProjections(input.negative, unit)),
    recipe: {
      ...input.recipe,
      definition: options.definition ?? 'plain',
      pool: options.pool ?? 'token',
      positiveCount: input.positive.tokenCounts.length,
      negativeCount: input.negative.tokenCounts.length,
    },
  };
}

function rowProjections(side: ContrastSide, unit: Float64Array): number[] {
  const width = unit.length;
  return side.tokenCounts.map((_, i) => dot(side.means.data.subarray(i * width, (i + 1) * width), unit));
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
