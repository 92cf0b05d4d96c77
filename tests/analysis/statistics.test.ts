import { describe, expect, it } from 'vitest';
import { aucInterval, cohensD, rocAuc } from '../../src/analysis/auc';
import { flippedDirection, orthogonalDirection, randomDirection } from '../../src/analysis/control-direction';
import { leaveOneGroupOut } from '../../src/analysis/folds';
import { meanInterval, wilsonInterval } from '../../src/analysis/intervals';
import { principalComponents, projectOnComponents } from '../../src/analysis/pca';
import { separation } from '../../src/analysis/separation';
import { jacobiEigen } from '../../src/analysis/symmetric-eigen';
import { cosine, cosineMatrix, dot } from '../../src/analysis/vector';
import { type Direction, norm } from '../../src/core/direction';
import { ArgumentError } from '../../src/core/errors';
import { reference, relativeError, tensor } from './fixture';

describe.each(reference.cases)('against numpy and scikit-learn, $name', (data) => {
  it('principal components', () => {
    const pca = principalComponents(tensor(data.x), 3);
    pca.components.forEach((component, i) => {
      expect(relativeError(component, data.pca.components[i] as number[])).toBeLessThan(1e-8);
    });
    expect(relativeError(pca.scores.flat(), data.pca.scores.flat())).toBeLessThan(1e-9);
    expect(relativeError(pca.explainedVariance, data.pca.explainedVariance)).toBeLessThan(1e-10);
    expect(relativeError(pca.explainedVarianceRatio, data.pca.explainedVarianceRatio)).toBeLessThan(1e-10);
    expect(relativeError(projectOnComponents(pca, data.x[4] as number[]), pca.scores[4] as number[])).toBeLessThan(1e-12);
  });

  it('cosine matrix', () => {
    expect(relativeError(cosineMatrix(data.x.slice(0, 5)).flat(), data.cosines.flat())).toBeLessThan(1e-12);
  });

  it('held-out separation', () => {
    const found = separation(
      'blocks.0.hook_resid_post',
      { means: tensor(data.x), tokenCounts: data.tokenCounts, positive: data.positive, groups: data.groups },
      { pool: 'token', foldOf: leaveOneGroupOut(data.groups), resamples: 200 },
    );
    expect(relativeError(found.projections, data.separation.projections)).toBeLessThan(1e-10);
    expect(found.auc.value).toBeCloseTo(data.separation.auc, 12);
    expect(found.cohensD).toBeCloseTo(data.separation.cohensD, 10);
    expect(found.auc.low).toBeLessThanOrEqual(found.auc.value);
    expect(found.auc.high).toBeGreaterThanOrEqual(found.auc.value);
  });
});

describe('AUC', () => {
  it('counts ties half, as scikit-learn does', () => {
    const { scores, positive, auc } = reference.tiedAuc;
    expect(rocAuc(scores, positive)).toBeCloseTo(auc, 14);
  });

  it('is NaN for one class and ends on NaN scores', () => {
    expect(rocAuc([1, 2], [true, true])).toBeNaN();
    expect(() => rocAuc([Number.NaN, 2, Number.NaN], [true, false, true])).not.toThrow();
  });

  it('has a wider interval with few groups than with many rows taken as independent', () => {
    const scores = Array.from({ length: 40 }, (_, i) => Math.sin(i * 1.7) + (i % 2 ? 0.4 : 0));
    const positive = scores.map((_, i) => i % 2 === 1);
    const grouped = aucInterval(
      scores,
      positive,
      scores.map((_, i) => `g${Math.floor(i / 10)}`),
      { seed: 3 },
    );
    expect(grouped.low).toBeLessThanOrEqual(grouped.value);
    expect(grouped.high).toBeGreaterThanOrEqual(grouped.value);
    expect(cohensD([1], [2, 3])).toBeNaN();
  });
});

describe('intervals', () => {
  it.each(reference.wilson)('Wilson for $count of $total', (expected) => {
    const found = wilsonInterval(expected.count, expected.total);
    expect(found.low).toBeCloseTo(expected.low, 10);
    expect(found.high).toBeCloseTo(expected.high, 10);
  });

  it('Wilson without rows knows nothing; impossible counts are refused', () => {
    expect(wilsonInterval(0, 0)).toMatchObject({ value: Number.NaN, low: 0, high: 1 });
    expect(() => wilsonInterval(3, 2)).toThrow(ArgumentError);
    expect(() => wilsonInterval(0.5, 2)).toThrow(ArgumentError);
  });

  it.each(reference.bootstrap)(
    'bootstrap of $values.length values repeats numpy on the same draws',
    ({ values, seed, resamples, value, low, high }) => {
      const found = meanInterval(values, { seed, resamples });
      expect(found).toMatchObject({ count: values.length });
      expect(relativeError([found.value, found.low, found.high], [value, low, high])).toBeLessThan(1e-12);
    },
  );

  it('has no interval without values', () => {
    expect(meanInterval([])).toMatchObject({ value: Number.NaN, low: Number.NaN, count: 0 });
  });
});

describe('eigenpairs', () => {
  it('handle repeated values and the zero matrix', () => {
    expect(
      jacobiEigen([
        [2, 0],
        [0, 2],
      ]).values,
    ).toEqual([2, 2]);
    expect(
      jacobiEigen([
        [0, 0],
        [0, 0],
      ]).values,
    ).toEqual([0, 0]);
    const line = principalComponents(
      tensor([
        [1, 1],
        [2, 2],
        [4, 4],
      ]),
      2,
    );
    expect(line.components).toHaveLength(1);
    expect(
      principalComponents(
        tensor([
          [1, 1],
          [1, 1],
        ]),
        2,
      ).components,
    ).toHaveLength(0);
    expect(() => principalComponents(tensor([[1, 1]]), 2)).toThrow(ArgumentError);
  });
});

describe('control directions', () => {
  const direction: Direction = {
    id: 'd',
    name: 'bad - good',
    hookPoint: 'blocks.3.hook_resid_post',
    values: Float32Array.from({ length: 128 }, (_, i) => Math.sin(i) * 3),
    negativeMeanProjection: -2,
    positiveMeanProjection: 5,
    projectionDeviation: 1,
    recipe: {
      definition: 'plain',
      pool: 'token',
      tokens: 'answer',
      contrast: '',
      contrastSha256: '',
      positiveCount: 1,
      negativeCount: 1,
      seed: null,
      modelSha256: '',
      adapters: [],
      weights: 'f32',
      engineVersion: '1',
    },
  };

  it('have the same norm, and differ by seed', () => {
    const length = norm(direction.values);
    for (const make of [randomDirection, orthogonalDirection]) {
      expect(norm(make(direction, 1).values)).toBeCloseTo(length, 4);
      expect(make(direction, 1).values).toEqual(make(direction, 1).values);
      expect(Math.abs(cosine(make(direction, 1).values, make(direction, 2).values))).toBeLessThan(0.5);
    }
    expect(dot(orthogonalDirection(direction, 1).values, direction.values) / length ** 2).toBeCloseTo(0, 6);
  });

  it('flipped twice is the direction', () => {
    const flipped = flippedDirection(direction);
    expect(flipped).toMatchObject({ negativeMeanProjection: -5, positiveMeanProjection: 2, recipe: { definition: 'flipped' } });
    expect(flipped.recipe.sides).toEqual({ positive: 'aligned', negative: 'misaligned' });
    expect(flippedDirection(flipped).values).toEqual(direction.values);
    expect(flippedDirection(flipped).recipe.sides).toEqual({ positive: 'misaligned', negative: 'aligned' });
  });
});
