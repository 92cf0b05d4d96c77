import type { Tensor } from '../core/tensor';

/** `softmax(W2 relu(W1 z + b1) + b2)`, `z = (x - mean) / scale`: a small classifier with any number of layers. */
export interface Perceptron {
  classes: readonly string[];
  /** `[inputs]` each. */
  mean: Float32Array;
  scale: Float32Array;
  /** `weight` is `[in, out]`, `bias` `[out]`. */
  layers: ReadonlyArray<{ weight: Tensor; bias: Float32Array }>;
}

/** Probability of each class, in the order of `classes`. */
export function probabilities(perceptron: Perceptron, features: ArrayLike<number>): Float64Array {
  const { mean, scale, layers } = perceptron;
  let values = Float64Array.from(mean, (centre, i) => ((features[i] as number) - centre) / (scale[i] as number));
  layers.forEach(({ weight, bias }, layer) => {
    const width = bias.length;
    const next = Float64Array.from(bias);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      for (let j = 0; j < width; j++) next[j] = (next[j] as number) + value * (weight.data[i * width + j] as number);
    }
    values = layer < layers.length - 1 ? next.map((value) => Math.max(0, value)) : next;
  });
  const largest = Math.max(...values);
  const weights = values.map((value) => Math.exp(value - largest));
  const total = weights.reduce((sum, value) => sum + value, 0);
  return weights.map((value) => value / total);
}
