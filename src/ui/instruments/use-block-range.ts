import { expandBlocks } from '../../core/hook-point';
import type { AppState } from '../../store/state';
import { gestureOf } from '../parts/gesture';
import { useActions, useApp } from '../store-context';
import { formatBlocks, moveRange } from './block-set';

export interface BlockRangeState {
  blocks: number[];
  first: number;
  last: number;
  move: (first: number, last: number) => void;
}

/** The blocks of the intervention that is being set, and the way to move their ends; null when there is none or its range is not a range. */
export function useBlockRange(): BlockRangeState | null {
  const intervention = useApp(activeIntervention);
  const nLayers = useApp(
    (state) => state.runtime.modelInfo?.nLayers ?? Math.max(0, ...state.runtime.profile.map((point) => point.block + 1)),
  );
  const { patchIntervention } = useActions();
  if (!intervention || intervention.hookSite === 'embed' || nLayers === 0) return null;
  const blocks = parseBlocks(intervention.blocks, nLayers);
  if (blocks.length === 0) return null;
  const move = (first: number, last: number) =>
    patchIntervention(intervention.id, { blocks: formatBlocks(moveRange(blocks, first, last)) }, gestureOf(`range ${intervention.id}`));
  return { blocks, first: Math.min(...blocks), last: Math.max(...blocks), move };
}

/** The intervention chosen in step 4, else the first. */
export function activeIntervention({ document, session }: AppState): AppState['document']['interventions'][number] | null {
  return document.interventions.find(({ id }) => id === session.activeInterventionId) ?? document.interventions[0] ?? null;
}

/** While a range is being typed it may be none; then nothing is marked. */
function parseBlocks(range: string, nLayers: number): number[] {
  try {
    return expandBlocks(range, nLayers);
  } catch {
    return [];
  }
}
