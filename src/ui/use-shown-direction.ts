import { ALIGNMENT_SIDES, type SideNames } from '../core/direction';
import type { DirectionRecord } from '../document/schema';
import type { AppState } from '../store/state';
import { useApp } from './store-context';

/** The direction that tints the words: the chosen one, else the first. */
export function shownDirection({ document, session }: Pick<AppState, 'document' | 'session'>): DirectionRecord | null {
  return document.directions.find(({ id }) => id === session.activeDirectionId) ?? document.directions[0] ?? null;
}

/** What the two ends of its projections are called: misaligned and aligned, unless its contrast had other sides. */
export function useShownSides(): SideNames {
  return useApp((state) => shownDirection(state)?.recipe.sides ?? ALIGNMENT_SIDES);
}

export function useShownDirection(): DirectionRecord | null {
  return useApp(shownDirection);
}
