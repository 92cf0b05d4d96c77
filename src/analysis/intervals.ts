import { ArgumentError } from '../core/errors';
import { createRng } from '../core/rng';

/** An estimate with the ends of its interval. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

/** `count` of `total`, with the Wilson interval of the rate. */
export interface RateInterval extends Interval {
  count: number;
  total: number;
}

/** Two-sided 95 % point of the standard normal distribution. */
const Z_95 = 1.959963984540054;

/**
 * Wilson score interval of a rate: `(p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)`.
 * With `total` 0 the rate is NaN and the interval [0, 1].
 * @throws ArgumentError unless 0 <= count <= total, both whole.
 * @source Wilson 1927, Probable inference, the law of succession, and statistical inference.
 */
export function wilsonInterval(count: number, total: number, z = Z_95): RateInterval {
  if (!Number.isInteger(count) || !Number.isInteger(total) || count < 0 || count > total) {
    throw new ArgumentError(
      `Wilson interval: expected 0 <= count <= total in whole numbers, got ${count} of ${total}.`,
      'Count rows, not shares.',
    );
  }
  if (total === 0) return { value: Number.NaN, low: 0, high: 1, count, total };
  const rate = count / total;
  const centre = rate + (z * z) / (2 * total);
  const spread = z * Math.sqrt((rate * (1 - rate)) / total + (z * z) / (4 * total * total));
  const scale = 1 + (z * z) / total;
  const low = count === 0 ? 0 : (centre - spread) / scale;
  const high = count === total ? 1 : (centre + spread) / scale;
  return { value: rate, low, high, count, total };
}

/** The q-quantile of sorted numbers by linear interpolation between order statistics (numpy's default). */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  const low = sorted[below] as number;
  return low + (place - below) * ((sorted[above] as number) - low);
}

export interface BootstrapOptions {
  resamples?: number;
  seed?: number;
  /** Coverage of the interval; 0.95 unless told. */
  level?: number;
}

/**
 * Percentile bootstrap: `statistic` of `resamples` draws of `size` indices with replacement.
 * Draws are a function of the seed alone; resamples whose statistic is NaN are left out.
 * @param statistic takes how often each index was drawn, `[size]`, which is reused between calls.
 */
export function bootstrapInterval(size: number, statistic: (counts: Uint32Array) => number, options: BootstrapOptions = {}): Interval {
  const { resamples = 1000, seed = 0, level = 0.95 } = options;
  const counts = new Uint32Array(size).fill(1);
  const value = statistic(counts);
  const rng = createRng(seed, 0xb007);
  const draws: number[] = [];
  for (let draw = 0; draw < resamples && size > 0; draw++) {
    counts.fill(0);
    for (let i = 0; i < size; i++) {
      const index = Math.floor(rng() * size);
      counts[index] = (counts[index] as number) + 1;
    }
    const result = statistic(counts);
    if (!Number.isNaN(result)) draws.push(result);
  }
  const sorted = Float64Array.from(draws).sort();
  return { value, low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) };
}

/** A mean with its percentile bootstrap interval and count; NaN ends when there are no values. */
export function meanInterval(values: readonly number[], options: BootstrapOptions = {}): Interval & { count: number } {
  const interval = bootstrapInterval(
    values.length,
    (counts) => {
      let sum = 0;
      let total = 0;
      for (let i = 0; i < counts.length; i++) {
        sum += (counts[i] as number) * (values[i] as number);
        total += counts[i] as number;
      }
      return sum / total;
    },
    options,
  );
  return { ...interval, count: values.length };
}
