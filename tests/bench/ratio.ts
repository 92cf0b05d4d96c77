import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../parity/support/fixtures';

export interface Spread {
  median: number;
  min: number;
  max: number;
  count: number;
}

/** Rounds of a measurement; VANE_BENCH_ROUNDS asks for another number. */
export function rounds(usual: number): number {
  return Number(process.env.VANE_BENCH_ROUNDS ?? usual);
}

/** Median with the smallest and largest value. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return { median: median ?? Number.NaN, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN, count: values.length };
}

/**
 * numerator/denominator of `count` alternating measurements, one ratio a round: what slows the machine meanwhile slows both.
 * The order within a round alternates, so that a trend favours neither; one round before is thrown away.
 */
export async function measureRatio(
  count: number,
  numerator: () => Promise<number>,
  denominator: () => Promise<number>,
): Promise<{ ratio: Spread; numerator: Spread; denominator: Spread }> {
  const tops: number[] = [];
  const bottoms: number[] = [];
  for (let round = -1; round < count; round++) {
    const topFirst = round % 2 === 0;
    const first = await (topFirst ? numerator : denominator)();
    const second = await (topFirst ? denominator : numerator)();
    if (round < 0) continue;
    tops.push(topFirst ? first : second);
    bottoms.push(topFirst ? second : first);
  }
  return { ratio: spread(tops.map((top, i) => top / (bottoms[i] as number))), numerator: spread(tops), denominator: spread(bottoms) };
}

/** Prints one figure and keeps it in test-results/bench.json under `name`. */
export function report(name: string, figure: Record<string, unknown>): void {
  const text = Object.entries(figure).map(([key, value]) => `${key} ${isSpread(value) ? showSpread(value) : String(value)}`);
  console.log(`${name}: ${text.join(', ')}`);
  const folder = join(ROOT, 'test-results');
  const path = join(folder, 'bench.json');
  mkdirSync(folder, { recursive: true });
  const earlier = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>) : {};
  writeFileSync(path, `${JSON.stringify({ ...earlier, [name]: { ...figure, at: new Date().toISOString() } }, null, 1)}\n`);
}

function isSpread(value: unknown): value is Spread {
  return typeof value === 'object' && value !== null && 'median' in value;
}

function showSpread({ median, min, max, count }: Spread): string {
  const digits = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));
  return `${digits(median)} (${digits(min)} to ${digits(max)}, n=${count})`;
}
