import type { Tensor } from '../core/tensor';
import { type LogisticModel, type LogisticOptions, logisticSteps, logit } from './logistic';
import { fitStandardiser, type Standardiser, standardise } from './standardiser';
import { row } from './vector';

/** A logistic probe on standardised residuals. */
export interface Probe {
  standardiser: Standardiser;
  model: LogisticModel;
}

/** Fits a probe on the chosen rows of `[rows, dModel]`, pausing between pieces of the work. */
export function* probeSteps(
  data: Tensor,
  indices: readonly number[],
  positive: readonly boolean[],
  options: LogisticOptions = {},
): Generator<void, Probe> {
  const standardiser = fitStandardiser(data, indices);
  yield;
  const rows = indices.map((index) => standardise(standardiser, row(data, index)));
  yield;
  const model = yield* logisticSteps(
    rows,
    indices.map((index) => positive[index] as boolean),
    options,
  );
  return { standardiser, model };
}

/** Log-odds of each chosen row under the probe. */
export function probeLogits(probe: Probe, data: Tensor, indices: readonly number[]): number[] {
  return indices.map((index) => logit(probe.model, standardise(probe.standardiser, row(data, index))));
}

/** Log-odds of one residual `[dModel]`. */
export function probeLogit(probe: Probe, values: ArrayLike<number>): number {
  return logit(probe.model, standardise(probe.standardiser, values));
}

/**
 * Out-of-fold log-odds: each row is scored by a probe (standardisation included) that never saw its fold.
 * A row whose training folds lack a class scores NaN.
 * @param folds the fold of each row of `data`; see `groupFolds`.
 */
export function* crossValidationSteps(
  data: Tensor,
  positive: readonly boolean[],
  folds: readonly number[],
  options: LogisticOptions = {},
): Generator<void, number[]> {
  const scores = new Array<number>(positive.length).fill(Number.NaN);
  for (const fold of new Set(folds)) {
    const train = folds.flatMap((other, index) => (other === fold ? [] : [index]));
    const held = folds.flatMap((other, index) => (other === fold ? [index] : []));
    const positives = train.filter((index) => positive[index]).length;
    if (positives === 0 || positives === train.length) continue;
    const probe = yield* probeSteps(data, train, positive, options);
    probeLogits(probe, data, held).forEach((score, i) => {
      scores[held[i] as number] = score;
    });
    yield;
  }
  return scores;
}

/** Runs a paused computation to its end at once. */
export function finish<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * Runs a paused computation in slices of about `sliceMs`, giving the page its turn between them.
 * @throws DOMException AbortError when the signal fires.
 */
export async function finishInSlices<T>(steps: Generator<void, T>, signal?: AbortSignal, sliceMs = 12): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    const until = performance.now() + sliceMs;
    while (performance.now() < until) {
      const step = steps.next();
      if (step.done) return step.value;
    }
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
}
