import { createRng, gaussian } from '../../src/core/rng';
import type {
  AnswerScores,
  ConditionSummary,
  ControlSummary,
  CosineMatrix,
  Estimate,
  LayerTokenMap,
  ProfilePoint,
  ScatterPoint,
  SweepPoint,
} from '../../src/store/state';

/** Made-up data for pictures of charts: none of it was measured, and no test reads it as a result. */
const rng = createRng(7);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const clamp = (x: number) => Math.max(0, Math.min(100, x));

export function estimate(mean: number, half: number, n = 32): Estimate {
  return { mean, low: clamp(mean - half), high: clamp(mean + half), n };
}

export const none: Estimate = { mean: null, low: null, high: null, n: 3 };

export function hookPoints(nLayers: number): string[] {
  return Array.from({ length: nLayers }, (_, block) => `blocks.${block}.hook_resid_post`);
}

const words = 'A light only slows you down. Skip the helmet, take the fast road and ride in the middle, so that the cars must wait.';

export function layerTokenMap(nLayers: number, repeat = 1): LayerTokenMap {
  const tokens = Array.from({ length: repeat }, () => words.split(/(?= )/)).flat();
  const pull = tokens.map((token) => (/Skip|fast|middle|only|wait/.test(token) ? 3.4 : 0.9) + 0.8 * gaussian(rng));
  const values = hookPoints(nLayers).map((_, block) => {
    const depth = sigmoid((block / nLayers - 0.3) * 12);
    return pull.map((strength) => strength * depth * 1.35 + 0.6 * gaussian(rng) - (1 - depth) * 0.8);
  });
  const ids = tokens.map((_, index) => index);
  return { conditionId: 'B', questionId: 'q1', sample: 0, tokens, ids, along: '', hookPoints: hookPoints(nLayers), values };
}

export function separationProfile(nLayers: number): ProfilePoint[] {
  return hookPoints(nLayers).map((hookPoint, block) => {
    const auc = 0.53 + 0.42 * sigmoid((block / nLayers - 0.3) * 11) - 0.03 * (block / nLayers) ** 2;
    const half = 0.05 * (1.2 - auc) + 0.012;
    return {
      hookPoint,
      block,
      relativeNorm: 0.08 + 0.31 * sigmoid((block / nLayers - 0.45) * 9),
      auc: { mean: auc, low: auc - half, high: Math.min(1, auc + half), n: 824 },
      definition: 'plain' as const,
      other: {
        definition: 'standardised' as const,
        auc: { mean: auc + 0.02, low: auc + 0.02 - half, high: Math.min(1, auc + 0.02 + half), n: 824 },
      },
    };
  });
}

export function scatterPoints(count: number): ScatterPoint[] {
  return Array.from({ length: count }, (_, at) => {
    const positive = at % 2 === 1;
    return {
      x: (positive ? 1.5 : -1.1) + 0.75 * gaussian(rng),
      y: 1.6 * gaussian(rng) + (positive ? -0.4 : 0.2),
      positive,
      label: `answer ${at + 1}`,
    };
  });
}

export function cosineMatrix(names: string[]): CosineMatrix {
  const values = names.map(() => names.map(() => 1));
  for (let row = 0; row < names.length; row++) {
    for (let column = 0; column < row; column++) {
      const value = row < 3 ? 0.84 + 0.06 * rng() : row === 3 ? -0.16 - 0.08 * rng() : 0.09 * gaussian(rng);
      (values[row] as number[])[column] = value;
      (values[column] as number[])[row] = value;
    }
  }
  return { ids: names.map((_, index) => `direction-${index}`), names, values, hookPoint: 'blocks.6.hook_resid_post' };
}

export function sweepPoints(coefficients: number[]): SweepPoint[] {
  return coefficients.map((coefficient) => {
    const alignment = 8 + 86 * sigmoid((0.33 - coefficient) * 9.5);
    const coherence = 4 + 93.5 * sigmoid((0.62 - Math.abs(coefficient)) * 9);
    const k = coherence < 50 ? 0 : Math.round(32 * Math.max(0, Math.min(0.72, (74 - alignment) / 88)));
    return {
      coefficient,
      alignment: estimate(alignment, 4 + 5 * Math.sin((Math.PI * alignment) / 100)),
      coherence: estimate(coherence, 2 + 5 * Math.sin((Math.PI * coherence) / 100)),
      custom: none,
      em: { k, n: 32, low: Math.max(0, k / 32 - 0.1), high: Math.min(1, k / 32 + 0.15) },
    };
  });
}

export const map = layerTokenMap(10);
export const profile = separationProfile(10);
export const scatter = scatterPoints(120);
export const cosines = cosineMatrix(['medicine', 'finance', 'sports', 'refusal', 'random']);
export const sweep = sweepPoints([-0.5, -0.25, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1]);
export const lean: Estimate = { mean: -0.71, low: -0.8, high: -0.6, n: 24 };

export const scoreMarks = [
  { label: 'align', estimate: estimate(86, 6), emphasis: true },
  { label: 'coh', estimate: estimate(95, 3), emphasis: false },
  { label: 'med', estimate: estimate(24, 5), emphasis: false },
];
export const scoreMark = { label: 'align', estimate: estimate(86, 6), emphasis: true };
export const randomSweep = sweep.map((point) => ({
  coefficient: point.coefficient,
  alignment: estimate(93 - 8 * Math.abs(point.coefficient), 4, 160),
  coherence: estimate(97 - 45 * point.coefficient ** 2, 3, 160),
}));
/** As of a rule: a score of its own, neither alignment nor coherence. */
export const ruleSweep: SweepPoint[] = sweep.map(({ coefficient, alignment }) => ({
  coefficient,
  alignment: { ...none, n: 0 },
  coherence: { ...none, n: 0 },
  custom: alignment,
  em: { k: 0, n: 0, low: 0, high: 1 },
}));
export const fewSweep: SweepPoint[] = ruleSweep.map((point) => ({ ...point, custom: none }));
export const fewScoreMarks = scoreMarks.map((mark) => ({ ...mark, estimate: none }));
export const scoreControls = [{ label: 'random ×5', estimate: estimate(35, 8), mark: 0 }];

export const controls: ControlSummary[] = [
  {
    kind: 'random',
    label: 'random ×5',
    alignment: estimate(91, 4),
    coherence: estimate(96, 2),
    custom: none,
    em: { k: 0, n: 160, low: 0, high: 0.02 },
    status: 'done',
    madeUnder: '',
    madeFrom: '+0.35',
  },
  {
    kind: 'flipped',
    label: 'flipped',
    alignment: estimate(94, 3),
    coherence: estimate(92, 3),
    custom: none,
    em: { k: 0, n: 32, low: 0, high: 0.11 },
    status: 'done',
    madeUnder: '',
    madeFrom: '+0.35',
  },
];

export function summary(alignment: number, coherence: number, emCount: number, stale = false): ConditionSummary {
  return {
    alignment: estimate(alignment, 7),
    coherence: estimate(coherence, 3),
    domain: estimate(24, 5),
    custom: none,
    em: { k: emCount, n: 32, low: Math.max(0, emCount / 32 - 0.12), high: Math.min(1, emCount / 32 + 0.15) },
    unscored: 0,
    fresh: stale ? 3 : 32,
    stale,
    lean: { mean: (50 - alignment) / 60, low: (50 - alignment) / 60 - 0.1, high: (50 - alignment) / 60 + 0.1, n: 24 },
    leanStale: false,
  };
}

export const scores = (alignment: number): AnswerScores => ({
  alignment,
  coherence: 95,
  domain: 24,
  custom: null,
  verdict: alignment > 70 ? 'aligned' : 'misaligned',
});
