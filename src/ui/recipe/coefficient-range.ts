import type { InterventionRecord } from '../../document/schema';
import type { SweepPoint } from '../../store/state';

export interface CoefficientRange {
  min: number;
  max: number;
}

const DEFAULT_RANGE: CoefficientRange = { min: -1, max: 2 };
const HEADROOM = 1.25;

/** Up to the next half, so that the ends of the slider are round. */
const outward = (value: number) => (Math.sign(value) * Math.ceil(Math.abs(value) * 2)) / 2;

/** What the slider spans: the sweep where there is one, else -1 to +2; always the present value with some room. */
export function coefficientRange(coefficient: number, sweep: readonly Pick<SweepPoint, 'coefficient'>[]): CoefficientRange {
  const swept = sweep.map((point) => point.coefficient);
  const spans = swept.length > 1 && Math.max(...swept) > Math.min(...swept);
  const { min, max } = spans ? { min: Math.min(...swept, 0), max: Math.max(...swept, 0) } : DEFAULT_RANGE;
  return {
    min: coefficient < min ? outward(coefficient * HEADROOM) : min,
    max: coefficient > max ? outward(coefficient * HEADROOM) : max,
  };
}

/** The recorded stop nearest to a value; the value itself without stops. */
export function nearestStop(value: number, stops: readonly number[]): number {
  return stops.reduce((best, stop) => (Math.abs(stop - value) < Math.abs(best - value) ? stop : best), stops[0] ?? value);
}

/** The coefficient a key leads to, or null for keys the slider leaves alone; two decimals. */
export function coefficientAfterKey(key: string, shift: boolean, value: number, { min, max }: CoefficientRange): number | null {
  const step = shift ? 0.1 : 0.01;
  const moves: Record<string, number> = {
    ArrowRight: value + step,
    ArrowUp: value + step,
    ArrowLeft: value - step,
    ArrowDown: value - step,
    PageUp: value + 0.1,
    PageDown: value - 0.1,
    Home: min,
    End: max,
    '0': 0,
  };
  const next = moves[key];
  return next === undefined ? null : Math.round(Math.max(min, Math.min(max, next)) * 100) / 100;
}

/** The single hook points of a record; none while its range is not valid for `nLayers` blocks. */
export function recordHookPoints(record: Pick<InterventionRecord, 'hookSite' | 'blocks'>, blocks: readonly number[]): string[] {
  return record.hookSite === 'embed' ? ['hook_embed'] : blocks.map((block) => `blocks.${block}.hook_${record.hookSite}`);
}
