import { flippedDirection, orthogonalDirection, randomDirection } from '../analysis/control-direction';
import { dot } from '../analysis/vector';
import { type Direction, norm } from '../core/direction';
import type { Intervention } from '../core/intervention';
import type { Condition } from './condition';

/** A condition that stands beside an effect, and how it was made. */
export interface ControlCondition {
  kind: 'random' | 'flipped' | 'orthogonal' | 'goodAdapter';
  label: string;
  condition: Condition;
}

export interface ControlOptions {
  /** One random control for each seed. */
  randomSeeds?: number[];
  flipped?: boolean;
  /** One orthogonal control for each seed. */
  orthogonalSeeds?: number[];
  /** Runs the condition's edits away and this adapter instead of the condition's own, at the same scale. */
  goodAdapter?: string | null;
  /** Mean residual of the negative rows by hook point, `[dModel]`: a clamp of another vector then goes to its own mean, as the clamp it stands beside does. */
  negativeMeans?: Record<string, ArrayLike<number>>;
}

/**
 * The controls of a condition: the same operations, hook points, tokens and coefficients with another vector of the same norm.
 * Flipping is left out where it changes nothing (ablation takes out a line, whichever way it points; a condition that only ablates has no flipped control).
 * A clamp keeps its number unless `negativeMeans` tells the mean along the new vector. Mutates nothing.
 */
export function controlConditions(condition: Condition, options: ControlOptions): ControlCondition[] {
  const interventions = condition.interventions ?? [];
  const controls: ControlCondition[] = [];
  const add = (kind: ControlCondition['kind'], label: string, edited: Intervention[], adapterScales = condition.adapterScales) => {
    const suffix = label.replaceAll(' ', '-');
    controls.push({
      kind,
      label,
      condition: {
        ...condition,
        id: `${condition.id}~${suffix}`,
        name: `${condition.name}, ${label}`,
        adapterScales,
        interventions: edited,
      },
    });
  };
  const replaced = (make: (direction: Direction) => Direction) =>
    interventions.map((intervention) => withDirection(intervention, make, options.negativeMeans));
  if (interventions.length > 0) {
    for (const seed of options.randomSeeds ?? [])
      add(
        'random',
        `random ${seed}`,
        replaced((direction) => randomDirection(direction, seed)),
      );
    if (options.flipped && interventions.some((intervention) => intervention.operation !== 'ablate')) {
      add(
        'flipped',
        'flipped',
        interventions.map((intervention) =>
          intervention.operation === 'ablate' ? intervention : withDirection(intervention, flippedDirection),
        ),
      );
    }
    for (const seed of options.orthogonalSeeds ?? [])
      add(
        'orthogonal',
        `orthogonal ${seed}`,
        replaced((direction) => orthogonalDirection(direction, seed)),
      );
  }
  if (options.goodAdapter) {
    const scale = Math.max(...Object.values(condition.adapterScales ?? {}), 0) || 1;
    add('goodAdapter', options.goodAdapter, [], { [options.goodAdapter]: scale });
  }
  return controls;
}

function withDirection(
  intervention: Intervention,
  make: (direction: Direction) => Direction,
  negativeMeans?: Record<string, ArrayLike<number>>,
): Intervention {
  const direction = make(asDirection(intervention));
  const mean = negativeMeans?.[asDirection(intervention).hookPoint];
  const clampsToMean = intervention.operation === 'clamp' && mean !== undefined && direction.recipe.definition !== 'flipped';
  return {
    ...intervention,
    direction,
    ...(clampsToMean ? { coefficient: dot(mean, direction.values) / (norm(direction.values) || 1) } : {}),
  };
}

/** The direction of an intervention as a record; a bare vector gets an empty recipe. */
function asDirection(intervention: Intervention): Direction {
  const { direction } = intervention;
  if (!Array.isArray(direction) && !(direction instanceof Float32Array)) return direction;
  const hookPoint = typeof intervention.hookPoints === 'string' ? intervention.hookPoints : (intervention.hookPoints[0] ?? '');
  return {
    id: 'vector',
    name: 'vector',
    hookPoint,
    values: Float32Array.from(direction),
    negativeMeanProjection: null,
    positiveMeanProjection: null,
    projectionDeviation: null,
    recipe: {
      definition: 'imported',
      pool: 'token',
      tokens: 'answer',
      contrast: '',
      contrastSha256: '',
      positiveCount: 0,
      negativeCount: 0,
      seed: null,
      modelSha256: '',
      adapters: [],
      weights: '',
      engineVersion: '',
    },
  };
}

/** One direction's edit on several adapters: each adapter plain and edited, for a transfer figure. */
export function transferConditions(
  adapters: ReadonlyArray<{ name: string; scale: number }>,
  interventions: Intervention[],
): Array<{ adapter: string; plain: Condition; edited: Condition }> {
  return adapters.map(({ name, scale }) => {
    const plain: Condition = { id: `transfer-${name}`, name, adapterScales: { [name]: scale } };
    return { adapter: name, plain, edited: { ...plain, id: `${plain.id}-edited`, name: `${name}, edited`, interventions } };
  });
}
