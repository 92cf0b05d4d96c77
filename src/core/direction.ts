/** What the two sides of a contrast are called. */
export interface SideNames {
  positive: string;
  negative: string;
}

export const ALIGNMENT_SIDES: SideNames = { positive: 'misaligned', negative: 'aligned' };

/** What the sides of a two-prompt contrast are called: neither is aligned or misaligned. */
export const PROMPT_SIDES: SideNames = { positive: 'with prompt A', negative: 'with prompt B' };

/** How a difference of means was taken. */
export interface DirectionRecipe {
  /** `plain` is the mean difference; `standardised` divides it by each dimension's pooled variance, `whitened` by the shrunk pooled covariance. */
  definition: 'plain' | 'standardised' | 'whitened' | 'flipped' | 'imported' | 'random' | 'orthogonal';
  /** `token` averages over all selected tokens; `response` averages each answer first. */
  pool: 'token' | 'response';
  /** Which tokens of a row were read. */
  tokens: 'answer' | 'prompt' | 'lastPrompt' | number[];
  /** One line that says what stands against what. */
  contrast: string;
  /** What the two sides are called; misaligned and aligned where nothing else is said. */
  sides?: SideNames;
  contrastSha256: string;
  positiveCount: number;
  negativeCount: number;
  seed: number | null;
  modelSha256: string;
  adapters: Array<{ name: string; sha256: string; scale: number }>;
  weights: string;
  engineVersion: string;
}

/** A direction in the residual stream, stored unnormalised. */
export interface Direction {
  id: string;
  name: string;
  /** Where it was read; a full hook-point name, never a bare layer number. */
  hookPoint: string;
  /** `[dModel]`, positive towards misaligned (or towards the first set of a user's own contrast). */
  values: Float32Array;
  /** Mean projection on the unit vector of the negative (aligned, base) rows: what a clamp restores. */
  negativeMeanProjection: number | null;
  positiveMeanProjection: number | null;
  /** Standard deviation of `h . v / |v|` over the tokens of the negative rows' answers: the tint's unit. */
  projectionDeviation: number | null;
  recipe: DirectionRecipe;
}

/** Euclidean length, with f64 sums. */
export function norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
  return Math.sqrt(sum);
}
