import { ArgumentError } from '../core/errors';
import { addScaled, dot } from './vector';

/** A fitted linear classifier: `P(positive) = 1 / (1 + exp(-(x . weights + intercept)))`. */
export interface LogisticModel {
  weights: Float64Array;
  intercept: number;
  /** Largest absolute gradient entry at the end. */
  gradient: number;
  iterations: number;
}

export interface LogisticOptions {
  /** Inverse regularisation: minimises `|w|^2 / 2 + C sum_i s_i log(1 + exp(-y_i z_i))`; the intercept is free. */
  C?: number;
  /** `balanced` weighs each class by n / (2 n_class), so that a rare class counts as much. */
  classWeight?: 'none' | 'balanced';
  tolerance?: number;
  maxIterations?: number;
  /** Starting point, such as the fit of a larger set. */
  start?: LogisticModel;
}

/**
 * L2-regularised logistic regression by Newton's method with conjugate-gradient steps and a backtracking line search.
 * @param rows features `[rows][features]`. @param positive the class of each row. Mutates nothing.
 * @throws ArgumentError when a class is empty, the counts differ or C is not positive.
 */
export function fitLogistic(rows: readonly Float64Array[], positive: readonly boolean[], options: LogisticOptions = {}): LogisticModel {
  const steps = logisticSteps(rows, positive, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** `fitLogistic` as a generator that pauses within each Newton step, so that a page can draw between the pieces. */
export function* logisticSteps(
  rows: readonly Float64Array[],
  positive: readonly boolean[],
  options: LogisticOptions = {},
): Generator<void, LogisticModel> {
  const { C = 1, classWeight = 'none', tolerance = 1e-10, maxIterations = 100, start } = options;
  checkProblem(rows, positive, C);
  const width = rows[0]?.length ?? 0;
  const signs = Float64Array.from(positive, (yes) => (yes ? 1 : -1));
  const costs = rowCosts(positive, C, classWeight);
  // The intercept rides along as the last parameter.
  let parameters = new Float64Array(width + 1);
  if (start && start.weights.length === width) {
    parameters.set(start.weights);
    parameters[width] = start.intercept;
  }
  let state = evaluate(rows, signs, costs, parameters);
  let iterations = 0;
  for (; iterations < maxIterations && largest(state.gradient) > tolerance; iterations++) {
    yield;
    const step = yield* newtonStep(rows, state, width);
    const slope = dot(step, state.gradient);
    if (!(slope < 0)) break;
    let length = 1;
    let next = moved(parameters, length, step);
    let trial = evaluate(rows, signs, costs, next);
    while (trial.loss > state.loss + 1e-4 * length * slope && length > 1e-8) {
      length /= 2;
      next = moved(parameters, length, step);
      trial = evaluate(rows, signs, costs, next);
    }
    // At the floor of f64 the loss no longer falls: the gradient then says whether the step was one.
    if (trial.loss > state.loss && largest(trial.gradient) >= largest(state.gradient)) break;
    parameters = next;
    state = trial;
  }
  return { weights: parameters.slice(0, width), intercept: parameters[width] as number, gradient: largest(state.gradient), iterations };
}

/** The log-odds `x . weights + intercept`. */
export function logit(model: LogisticModel, features: ArrayLike<number>): number {
  return dot(model.weights, features) + model.intercept;
}

/** `1 / (1 + exp(-z))`, without overflow. */
export function sigmoid(z: number): number {
  if (z >= 0) return 1 / (1 + Math.exp(-z));
  const power = Math.exp(z);
  return power / (1 + power);
}

interface State {
  loss: number;
  gradient: Float64Array;
  /** `C s p (1 - p)` of each row: the Hessian's weights. */
  curvature: Float64Array;
}

function evaluate(rows: readonly Float64Array[], signs: Float64Array, costs: Float64Array, parameters: Float64Array): State {
  const width = parameters.length - 1;
  const weights = parameters.subarray(0, width);
  const gradient = new Float64Array(width + 1);
  gradient.set(weights);
  const slopes = gradient.subarray(0, width);
  const curvature = new Float64Array(rows.length);
  let loss = dot(weights, weights) / 2;
  for (let i = 0; i < rows.length; i++) {
    const values = rows[i] as Float64Array;
    const sign = signs[i] as number;
    const cost = costs[i] as number;
    const margin = sign * (dot(values, weights) + (parameters[width] as number));
    loss += cost * (Math.log1p(Math.exp(-Math.abs(margin))) + Math.max(0, -margin));
    const miss = sigmoid(-margin);
    addScaled(slopes, -cost * sign * miss, values);
    gradient[width] = (gradient[width] as number) - cost * sign * miss;
    curvature[i] = cost * miss * (1 - miss);
  }
  return { loss, gradient, curvature };
}

/** Solves `H step = -gradient` by conjugate gradients, pausing after each product; precise enough for a quadratic end. */
function* newtonStep(rows: readonly Float64Array[], state: State, width: number): Generator<void, Float64Array> {
  const step = new Float64Array(width + 1);
  const residual = state.gradient.map((value) => -value);
  const search = Float64Array.from(residual);
  let squared = dot(residual, residual);
  const start = Math.sqrt(squared);
  const target = (Math.min(0.1, start) * start) ** 2;
  for (let i = 0; i < 4 * (width + 1) && squared > target; i++) {
    const image = hessianProduct(rows, state.curvature, search, width);
    const bend = dot(search, image);
    if (!(bend > 0)) break;
    const length = squared / bend;
    addScaled(step, length, search);
    addScaled(residual, -length, image);
    const next = dot(residual, residual);
    for (let j = 0; j < search.length; j++) search[j] = (residual[j] as number) + (next / squared) * (search[j] as number);
    squared = next;
    yield;
  }
  return step;
}

function hessianProduct(rows: readonly Float64Array[], curvature: Float64Array, x: Float64Array, width: number): Float64Array {
  const image = Float64Array.from(x);
  // The intercept is not regularised, so its own entry starts from zero.
  image[width] = 0;
  const weights = x.subarray(0, width);
  const slopes = image.subarray(0, width);
  for (let i = 0; i < rows.length; i++) {
    const values = rows[i] as Float64Array;
    const factor = (curvature[i] as number) * (dot(values, weights) + (x[width] as number));
    addScaled(slopes, factor, values);
    image[width] = (image[width] as number) + factor;
  }
  return image;
}

function moved(parameters: Float64Array, length: number, step: Float64Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(parameters, (value, i) => value + length * (step[i] as number));
}

function largest(values: Float64Array): number {
  let found = 0;
  for (const value of values) found = Math.max(found, Math.abs(value));
  return found;
}

function rowCosts(positive: readonly boolean[], C: number, classWeight: 'none' | 'balanced'): Float64Array {
  if (classWeight === 'none') return new Float64Array(positive.length).fill(C);
  const positives = positive.filter(Boolean).length;
  return Float64Array.from(positive, (yes) => (C * positive.length) / (2 * (yes ? positives : positive.length - positives)));
}

function checkProblem(rows: readonly Float64Array[], positive: readonly boolean[], C: number): void {
  const positives = positive.filter(Boolean).length;
  if (rows.length !== positive.length) {
    throw new ArgumentError(`logistic regression: expected ${rows.length} labels, got ${positive.length}.`, 'Pass one label for each row.');
  }
  if (positives === 0 || positives === rows.length) {
    throw new ArgumentError(
      `logistic regression: expected rows of both classes, got ${positives} of ${rows.length} positive.`,
      'Add rows of the missing class.',
    );
  }
  if (!(C > 0)) throw new ArgumentError(`logistic regression: expected C > 0, got ${C}.`, 'The read-out judge uses 0.01.');
}
