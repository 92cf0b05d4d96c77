import { useSyncExternalStore } from 'react';

/** The screen that the sizes are drawn for; on another they grow or shrink together, so that a hall sees the same picture. */
const DRAWN_FOR = { width: 1280, height: 720 };
/** So far down, 17 px of text stay above the least that is readable. */
const LEAST_UNIT = 0.7;
const GREATEST_UNIT = 3;

/** Px of this window for one px of the drawing. */
export function kioskUnit(width: number, height: number): number {
  return Math.max(LEAST_UNIT, Math.min(GREATEST_UNIT, width / DRAWN_FOR.width, height / DRAWN_FOR.height));
}

export function useKioskUnit(): number {
  return useSyncExternalStore(
    (onChange) => {
      addEventListener('resize', onChange);
      return () => removeEventListener('resize', onChange);
    },
    () => kioskUnit(innerWidth, innerHeight),
    () => 1,
  );
}
