import type { DirectionRecord } from '../document/schema';
import type { AppState } from '../store/state';
import { useApp } from './store-context';

/** The direction that tints the words: the chosen one, else the first. */
export function shownDirection({ document, session }: Pick<AppState, 'document' | 'session'>): DirectionRecord | null {
  return document.directions.find(({ id }) => id === session.activeDirectionId) ?? document.directions[0] ?? null;
}

export function useShownDirection(): DirectionRecord | null {
  return useApp(shownDirection);
}
