import { buildDirection } from '../analysis/direction-builder';
import type { Direction } from '../core/direction';
import { MismatchError } from '../core/errors';
import { ENGINE_VERSION } from '../engine/api';
import type { Contrast, ContrastReading } from '../experiments/contrast';
import { appStore } from './app-store';
import { sha256Hex } from './text-hash';

/** Hash of a contrast's answers, for the recipe of a direction taken from them. */
export function contrastSha256(contrast: Contrast): Promise<string> {
  return sha256Hex(JSON.stringify(contrast.rows.map(({ positive, text }) => [positive, text])));
}

export interface DirectionSource {
  id: string;
  name: string;
  hookPoint: string;
  sides: ContrastReading['sides'][string];
  /** One line that says what stands against what. */
  contrast: string;
  contrastSha256: string;
  seed: number | null;
  /** Scales of the adapters on the positive side. */
  adapterScales: Readonly<Record<string, number>>;
}

/** A direction by the document's settings, with the whole recipe of how it came about. @throws MismatchError without a model. */
export function directionFrom({ id, name, hookPoint, sides, adapterScales, ...made }: DirectionSource): Direction {
  const { document, runtime } = appStore.getState();
  const { modelInfo } = runtime;
  if (!modelInfo) throw new MismatchError('direction: expected a loaded model, got none.', 'Load one in step 1.');
  const { tokens, pool, definition } = document.directionSettings;
  const adapters = Object.entries(adapterScales).flatMap(([adapterName, scale]) => {
    const adapter = modelInfo.adapters.find((candidate) => candidate.name === adapterName);
    return adapter && scale !== 0 ? [{ name: adapterName, sha256: adapter.sha256, scale }] : [];
  });
  const recipe = { tokens, ...made, modelSha256: modelInfo.sha256, adapters, weights: modelInfo.weights, engineVersion: ENGINE_VERSION };
  return buildDirection({ id, name, hookPoint, ...sides, recipe }, { pool, definition });
}

/** Name of a direction that an adapter's answers gave. */
export function directionName(adapterName: string): string {
  return adapterName.replace(/^bad-/, '');
}
