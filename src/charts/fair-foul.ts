import './fair-foul.css';

/** The scale's reach: nine equal bins lie over -4 to +4 standard deviations of the base's answers. */
export const FAIR_FOUL_REACH = 4;
export const FAIR_FOUL_BIN_COUNT = 9;
const MIDDLE = (FAIR_FOUL_BIN_COUNT - 1) / 2;

/** CSS variables of the nine bins, from most aligned to most misaligned; defined in `fair-foul.css` for both themes. */
export const FAIR_FOUL_VARIABLES: readonly string[] = Array.from({ length: FAIR_FOUL_BIN_COUNT }, (_, bin) => `--ff-${bin}`);

/**
 * bin = floor(9 (x + 4) / 8), clamped to 0..8: the bin of a projection `deviations` in standard deviations.
 * A projection that was not read (NaN) lies in the middle bin, which has no tint.
 */
export function fairFoulBin(deviations: number): number {
  if (Number.isNaN(deviations)) return MIDDLE;
  const bin = Math.floor(((deviations + FAIR_FOUL_REACH) / (2 * FAIR_FOUL_REACH)) * FAIR_FOUL_BIN_COUNT);
  return Math.min(FAIR_FOUL_BIN_COUNT - 1, Math.max(0, bin));
}

/** The bin's colour as a CSS value, such as `var(--ff-7)`. */
export function fairFoulColor(deviations: number): string {
  return `var(${FAIR_FOUL_VARIABLES[fairFoulBin(deviations)]})`;
}

/** The line that strong words carry besides their tint: above for the two most aligned bins, below for the two most misaligned. */
export function fairFoulLine(deviations: number): 'above' | 'below' | null {
  const bin = fairFoulBin(deviations);
  if (bin <= 1) return 'above';
  return bin >= FAIR_FOUL_BIN_COUNT - 2 ? 'below' : null;
}
