import { expandBlocks } from '../../core/hook-point';
import type { InterventionRecord } from '../../document/schema';
import { useApp } from '../store-context';

/** Blocks of a range such as `4-8, 11`, in order; null and the reason where the text is no such range. */
export function readBlocks(range: string, nLayers: number): { blocks: number[] | null; error: string | null } {
  if (range.trim() === '') return { blocks: null, error: 'blocks: expected one or more, got none. To do without the edit, turn it off.' };
  try {
    return { blocks: expandBlocks(range, nLayers).sort((a, b) => a - b), error: null };
  } catch (error) {
    return { blocks: null, error: error instanceof Error ? error.message : String(error) };
  }
}

/** Writes blocks the short way: `4-8, 11`. */
export function blocksText(blocks: readonly number[]): string {
  const sorted = [...new Set(blocks)].sort((a, b) => a - b);
  const runs: Array<{ first: number; last: number }> = [];
  for (const block of sorted) {
    const run = runs.at(-1);
    if (run && block === run.last + 1) run.last = block;
    else runs.push({ first: block, last: block });
  }
  return runs.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

/** An intervention's blocks for the loaded model; before one is loaded, for the largest block that is named. */
export function useBlocks(intervention: Pick<InterventionRecord, 'blocks'>): {
  blocks: number[] | null;
  error: string | null;
  nLayers: number;
} {
  // A recorded profile has a point for every block.
  const loaded = useApp((state) => state.runtime.modelInfo?.nLayers ?? state.runtime.profile.length);
  const named = Math.max(0, ...(intervention.blocks.match(/\d{1,3}/g) ?? []).map(Number));
  const nLayers = loaded || named + 1;
  return { ...readBlocks(intervention.blocks, nLayers), nLayers };
}
