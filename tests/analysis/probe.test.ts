import { describe, expect, it } from 'vitest';
import { rocAuc } from '../../src/analysis/auc';
import { groupFolds, leaveOneGroupOut } from '../../src/analysis/folds';
import { fitLogistic, sigmoid } from '../../src/analysis/logistic';
import { crossValidationSteps, finish, finishInSlices, probeSteps } from '../../src/analysis/probe';
import { ArgumentError } from '../../src/core/errors';
import { reference, relativeError, tensor } from './fixture';

describe.each(
  reference.cases.flatMap((data) =>
    data.logistic.map((fit) => ({ data, fit, label: `${data.name}, C ${fit.C}, class weight ${fit.classWeight}` })),
  ),
)('logistic probe, $label', ({ data, fit }) => {
  const x = tensor(data.x);
  const options = { C: fit.C, classWeight: fit.classWeight };

  it("equals scikit-learn's weights and intercept", () => {
    const { model } = finish(
      probeSteps(
        x,
        data.x.map((_, i) => i),
        data.positive,
        options,
      ),
    );
    expect(relativeError(model.weights, fit.weights)).toBeLessThan(1e-7);
    expect(model.intercept).toBeCloseTo(fit.intercept, 7);
  });

  it('scores held-out groups as scikit-learn does, in slices too', async () => {
    const folds = leaveOneGroupOut(data.groups);
    const scores = finish(crossValidationSteps(x, data.positive, folds, options));
    expect(relativeError(scores, fit.heldOut)).toBeLessThan(1e-7);
    expect(rocAuc(scores, data.positive)).toBeCloseTo(fit.auc, 12);
    expect(await finishInSlices(crossValidationSteps(x, data.positive, folds, options))).toEqual(scores);
  });
});

describe('logistic regression', () => {
  it('converges on separable rows and far starts', () => {
    const rows = [[-1], [-2], [1], [2]].map((values) => Float64Array.from(values));
    const positive = [false, false, true, true];
    const fit = fitLogistic(rows, positive, { C: 1e6 });
    expect(fit.gradient).toBeLessThan(1e-8);
    const far = fitLogistic(rows, positive, { start: { weights: Float64Array.of(-50), intercept: 9, gradient: 0, iterations: 0 } });
    expect(far.weights[0]).toBeCloseTo(fitLogistic(rows, positive).weights[0] as number, 8);
  });

  it('refuses one class alone and a C that is not positive', () => {
    const rows = [Float64Array.of(1), Float64Array.of(2)];
    expect(() => fitLogistic(rows, [true, true])).toThrow(ArgumentError);
    expect(() => fitLogistic(rows, [true, false], { C: 0 })).toThrow('C > 0');
    expect(() => fitLogistic(rows, [true])).toThrow('labels');
  });

  it('keeps the sigmoid finite', () => {
    expect([sigmoid(-1000), sigmoid(0), sigmoid(1000)]).toEqual([0, 0.5, 1]);
  });

  it('can be cancelled between slices', async () => {
    const data = reference.cases[0] as (typeof reference.cases)[number];
    const controller = new AbortController();
    controller.abort();
    await expect(finishInSlices(probeSteps(tensor(data.x), [0, 1, 2, 3], data.positive), controller.signal)).rejects.toThrow(/abort/i);
  });
});

describe('grouped folds', () => {
  it('never split a group and are even', () => {
    const groups = ['a', 'a', 'a', 'b', 'b', 'c', 'd', 'd'];
    const folds = groupFolds(groups, 3);
    for (const group of new Set(groups)) expect(new Set(folds.filter((_, i) => groups[i] === group)).size).toBe(1);
    expect([0, 1, 2].map((fold) => folds.filter((other) => other === fold).length)).toEqual([3, 3, 2]);
    expect(() => groupFolds(['a', 'a'], 2)).toThrow(ArgumentError);
  });
});
