import * as v from 'valibot';
import { LIMITS } from './limits';
import { count, finite, hookPoint, id, longText, positions, seed, sha256, shortText } from './schema-parts';

export const contrastTokens = v.union([v.picklist(['answer', 'prompt', 'lastPrompt']), positions]);
export const pool = v.picklist(['token', 'response']);

const recipe = v.object({
  definition: v.picklist(['plain', 'standardised', 'whitened', 'imported', 'random', 'orthogonal', 'flipped']),
  pool,
  tokens: contrastTokens,
  contrast: longText,
  sides: v.optional(v.object({ positive: shortText, negative: shortText })),
  contrastSha256: sha256,
  positiveCount: count,
  negativeCount: count,
  seed: v.nullable(seed),
  modelSha256: sha256,
  adapters: v.pipe(v.array(v.object({ name: shortText, sha256, scale: finite })), v.maxLength(LIMITS.conditionCount)),
  weights: shortText,
  engineVersion: shortText,
});

/** Everything of a Direction but its values, as files and links carry it. */
export const directionMetaEntries = {
  id,
  name: shortText,
  hookPoint,
  negativeMeanProjection: v.nullable(finite),
  positiveMeanProjection: v.nullable(finite),
  projectionDeviation: v.nullable(finite),
  recipe,
};
