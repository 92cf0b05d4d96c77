import { wilsonInterval } from '../analysis/intervals';
import { rounded } from '../document/recorded-readings';
import type { MeanInterval } from '../document/schema';
import type { Estimate, Rate } from './state';

/** An estimate as a document records it; null where there is none. */
export function toMeanInterval({ mean, low, high, n }: Estimate): MeanInterval | null {
  if (mean === null || low === null || high === null) return null;
  return { mean: rounded(mean), low: rounded(low), high: rounded(high), n };
}

/** A recorded rate gets its interval back from its counts. */
export function recordedRate({ k, n }: { k: number; n: number }): Rate {
  const { low, high } = wilsonInterval(Math.min(k, n), n);
  return { k, n, low, high };
}
