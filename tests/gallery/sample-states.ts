import type { AppState } from '../../src/store/state';
import { emptyState, fullState } from './sample-state';

function enlarged(id: NonNullable<AppState['session']['enlarged']>): () => AppState {
  return () => {
    const state = fullState();
    return { ...state, session: { ...state.session, enlarged: id } };
  };
}

/** States of the workbench for pictures, by name. */
export const STATES: Record<string, () => AppState> = {
  full: () => fullState(),
  deep: () => fullState({ nLayers: 36 }),
  stale: () => fullState({ stale: true }),
  few: () => fullState({ few: true }),
  empty: emptyState,
  'large-map': enlarged('map'),
  'large-profile': enlarged('profile'),
  'large-scatter': enlarged('scatter'),
  'large-cosines': enlarged('cosines'),
  'large-sweep': enlarged('sweep'),
};
