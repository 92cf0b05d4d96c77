/** How tokens are drawn from logits. */
export interface SamplingOptions {
  /** 0 takes the most likely token. */
  temperature: number;
  /** Smallest set of most likely tokens whose probability reaches this; 1 keeps all. */
  topP: number;
  /** The k most likely tokens; 0 keeps all. */
  topK: number;
}

/** Draws tokens; keeps its scratch memory between calls. */
export class Sampler {
  private readonly weights: Float64Array;

  constructor(
    vocabSize: number,
    private readonly options: SamplingOptions,
  ) {
    this.weights = new Float64Array(vocabSize);
  }

  /**
   * One token id from one row of logits: softmax at the temperature, cut by top-k then top-p, inverse of the cumulative
   * distribution in id order.
   * @param uniform one draw in [0, 1).
   */
  sample(logits: Float32Array, uniform: number): number {
    const { temperature, topP, topK } = this.options;
    const best = argMax(logits);
    if (temperature <= 0) return best;
    const { weights } = this;
    const largest = logits[best] as number;
    let sum = 0;
    for (let i = 0; i < logits.length; i++) {
      const weight = Math.exp(((logits[i] as number) - largest) / temperature);
      weights[i] = weight;
      sum += weight;
    }
    if (topK > 0 && topK < logits.length) sum = this.keepTop(topK);
    if (topP < 1) sum = this.keepNucleus(topP * sum);
    let rest = uniform * sum;
    let last = best;
    for (let i = 0; i < logits.length; i++) {
      const weight = weights[i] as number;
      if (weight === 0) continue;
      last = i;
      rest -= weight;
      if (rest < 0) return i;
    }
    return last;
  }

  /** Zeroes all but the k largest weights (the lower id wins a tie); returns what is left. */
  private keepTop(k: number): number {
    const order = this.candidates(0).slice(0, k);
    return this.keepOnly(order);
  }

  /** Zeroes what lies beyond the smallest head of the ranking that reaches `mass`; returns what is left. */
  private keepNucleus(mass: number): number {
    let total = 0;
    for (const weight of this.weights) total += weight;
    // What is lighter than this cannot be in the nucleus: all such tokens together weigh less than what lies outside it.
    const order = this.candidates((total - mass) / this.weights.length);
    let reached = 0;
    let count = 0;
    while (count < order.length && reached < mass) reached += this.weights[order[count++] as number] as number;
    return this.keepOnly(order.slice(0, Math.max(1, count)));
  }

  private candidates(above: number): number[] {
    const { weights } = this;
    const found: number[] = [];
    for (let i = 0; i < weights.length; i++) if ((weights[i] as number) > 0 && (weights[i] as number) >= above) found.push(i);
    return found.sort((a, b) => (weights[b] as number) - (weights[a] as number) || a - b);
  }

  private keepOnly(ids: readonly number[]): number {
    const { weights } = this;
    const kept = ids.map((id) => weights[id] as number);
    weights.fill(0);
    let sum = 0;
    ids.forEach((id, index) => {
      weights[id] = kept[index] as number;
      sum += kept[index] as number;
    });
    return sum;
  }
}

/** Index of the largest value; the lower one wins a tie. */
export function argMax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}
