import { describe, expect, it } from 'vitest';
import { balanceByGroup } from '../../src/analysis/balance';
import { type ContrastSide, differenceInMeans } from '../../src/analysis/difference-in-means';
import { buildDirection, withTokenDeviation } from '../../src/analysis/direction-builder';
import { dot, takeRows } from '../../src/analysis/vector';
import { ArgumentError } from '../../src/core/errors';
import { type AnalysisCase, reference, relativeError, tensor } from './fixture';

function sides(data: AnalysisCase): { positive: ContrastSide; negative: ContrastSide } {
  const of = (positive: boolean): ContrastSide => {
    const indices = data.positive.flatMap((value, index) => (value === positive ? [index] : []));
    return { means: takeRows(tensor(data.x), indices), tokenCounts: indices.map((index) => data.tokenCounts[index] as number) };
  };
  return { positive: of(true), negative: of(false) };
}

describe.each(reference.cases)('difference in means, $name', (data) => {
  const { positive, negative } = sides(data);

  it.each(['token', 'response'] as const)('pooled by %s equals numpy in each definition', (pool) => {
    const expected = data.differences[pool];
    expect(relativeError(differenceInMeans(positive, negative, { pool }).values, expected.plain)).toBeLessThan(1e-12);
    expect(
      relativeError(differenceInMeans(positive, negative, { pool, definition: 'standardised' }).values, expected.standardised),
    ).toBeLessThan(1e-10);
    const automatic = differenceInMeans(positive, negative, { pool, definition: 'whitened' });
    expect(automatic.shrinkage).toBeCloseTo(expected.shrinkage, 10);
    expect(relativeError(automatic.values, expected.whitenedAuto)).toBeLessThan(1e-8);
    expect(
      relativeError(differenceInMeans(positive, negative, { pool, definition: 'whitened', shrinkage: 0.3 }).values, expected.whitened03),
    ).toBeLessThan(1e-8);
  });

  it("whitened by response is scikit-learn's shrunk linear discriminant", () => {
    const values = differenceInMeans(positive, negative, { pool: 'response', definition: 'whitened', shrinkage: 0.3 }).values;
    expect(relativeError(values, data.differences.lda03)).toBeLessThan(1e-8);
  });
});

describe('difference in means', () => {
  const side = (rows: number[][], tokenCounts = rows.map(() => 1)): ContrastSide => ({ means: tensor(rows), tokenCounts });

  it('refuses an empty side, unequal widths and empty answers', () => {
    expect(() => differenceInMeans(side([]), side([[1, 2]]))).toThrow(ArgumentError);
    expect(() => differenceInMeans(side([[1]]), side([[1, 2]]))).toThrow('expected both sides [rows, 1]');
    expect(() => differenceInMeans(side([[1]], [0]), side([[1]]))).toThrow('at least one token');
  });

  it('stays finite when nothing varies within a class', () => {
    for (const definition of ['standardised', 'whitened'] as const) {
      const { values } = differenceInMeans(
        side([
          [3, 0],
          [3, 0],
        ]),
        side([
          [1, 0],
          [1, 0],
        ]),
        { definition },
      );
      expect([...values]).toEqual([2, 0]);
    }
  });

  it('builds a direction whose statistics are projections on its unit vector', () => {
    const direction = buildDirection(
      {
        id: 'd',
        name: 'bad - good',
        hookPoint: 'blocks.1.hook_resid_post',
        positive: side(
          [
            [4, 3],
            [4, 5],
          ],
          [1, 3],
        ),
        negative: side(
          [
            [1, 0],
            [1, 2],
          ],
          [2, 2],
        ),
        recipe: {
          tokens: 'answer',
          contrast: 'bad against good',
          contrastSha256: '',
          seed: 1,
          modelSha256: '',
          adapters: [],
          weights: 'f32',
          engineVersion: '1',
        },
      },
      { pool: 'token' },
    );
    expect([...direction.values]).toEqual([3, 3.5]);
    const unit = [3, 3.5].map((value) => value / Math.hypot(3, 3.5));
    expect(direction.positiveMeanProjection).toBeCloseTo(dot([4, 4.5], unit), 12);
    expect(direction.negativeMeanProjection).toBeCloseTo(dot([1, 1], unit), 12);
    // The two rows' means say nothing of how far single tokens lie from each other.
    expect(direction.projectionDeviation).toBeNull();
    expect(withTokenDeviation(direction, [1, 3, 5]).projectionDeviation).toBeCloseTo(2, 12);
    expect(withTokenDeviation(direction, [1]).projectionDeviation).toBeNull();
    expect(direction.recipe).toMatchObject({ definition: 'plain', pool: 'token', positiveCount: 2, negativeCount: 2 });
  });
});

describe('balancing by prompt', () => {
  it('keeps equal counts in each group and says what was left out and why', () => {
    const balanced = balanceByGroup(['a', 'a', 'a', 'b', 'c'], ['a', 'b', 'b', 'd'], 5);
    expect(balanced.positive).toHaveLength(2);
    expect(balanced.negative).toHaveLength(2);
    expect(balanced.positive).toContain(3);
    expect(balanced.negative).toContain(0);
    expect(balanced.leftOut).toEqual([
      { group: 'a', side: 'positive', count: 2, reason: 'only 1 negative row in this group' },
      { group: 'b', side: 'negative', count: 1, reason: 'only 1 positive row in this group' },
      { group: 'c', side: 'positive', count: 1, reason: 'no negative row in this group' },
      { group: 'd', side: 'negative', count: 1, reason: 'no positive row in this group' },
    ]);
    expect(balanceByGroup(['a', 'a', 'a'], ['a'], 5)).toEqual(balanceByGroup(['a', 'a', 'a'], ['a'], 5));
  });
});
