import type { ContrastSide } from '../analysis/difference-in-means';
import { buildDirection } from '../analysis/direction-builder';
import type { Direction, SideNames } from '../core/direction';
import { norm } from '../core/direction';
import { ArgumentError } from '../core/errors';
import type { DirectionSettings } from '../document/schema';
import { ENGINE_VERSION } from '../engine/api';
import type { Contrast, ContrastReading } from '../experiments/contrast';
import { requireModel } from './require-model';
import { sha256Hex } from './text-hash';

/** Hash of a contrast's answers, for the recipe of a direction taken from them. */
export function contrastSha256(contrast: Contrast): Promise<string> {
  return sha256Hex(JSON.stringify(contrast.rows.map(({ positive, text }) => [positive, text])));
}

export interface DirectionSource {
  id: string;
  name: string;
  hookPoint: string;
  /** Of the reading that `read` holds, which the document's present settings need not be. */
  settings: Pick<DirectionSettings, 'tokens' | 'pool' | 'definition'>;
  read: ContrastReading['sides'][string];
  /** One line that says what stands against what. */
  contrast: string;
  sides?: SideNames;
  contrastSha256: string;
  seed: number | null;
  /** Scales of the adapters on the positive side. */
  adapterScales: Readonly<Record<string, number>>;
}

/** A difference below this share of the residual's own length is rounding. */
const LEAST_DIFFERENCE = 1e-5;

/**
 * A direction from what was read, with the whole recipe of how it came about; its deviation is still to be measured.
 * @throws MismatchError without a model; ArgumentError when the two sides are the same there.
 */
export function directionFrom({ id, name, hookPoint, settings, read, adapterScales, ...made }: DirectionSource): Direction {
  const modelInfo = requireModel('direction');
  const { tokens, pool, definition } = settings;
  const adapters = Object.entries(adapterScales).flatMap(([adapterName, scale]) => {
    const adapter = modelInfo.adapters.find((candidate) => candidate.name === adapterName);
    return adapter && scale !== 0 ? [{ name: adapterName, sha256: adapter.sha256, scale }] : [];
  });
  const recipe = { tokens, ...made, modelSha256: modelInfo.sha256, adapters, weights: modelInfo.weights, engineVersion: ENGINE_VERSION };
  const direction = buildDirection({ id, name, hookPoint, ...read, recipe }, { pool, definition });
  if (!(norm(direction.values) > LEAST_DIFFERENCE * meanLength(read.negative))) {
    throw new ArgumentError(
      `contrast at ${hookPoint}: expected two sides that differ there, got a difference of length 0.`,
      tokens === 'answer'
        ? 'Contrast answers that differ in step 2, or read a later block.'
        : 'Read all of the answer in step 3: before the answer begins, both sides are the same words.',
    );
  }
  return direction;
}

function meanLength({ means, tokenCounts }: ContrastSide): number {
  const width = means.shape[1] ?? 0;
  const lengths = tokenCounts.map((_, row) => norm(means.data.subarray(row * width, (row + 1) * width)));
  return lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
}

/** Name of a direction that an adapter's answers gave. */
export function directionName(adapterName: string): string {
  return adapterName.replace(/^bad-/, '');
}
