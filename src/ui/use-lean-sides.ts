import type { SideNames } from '../core/direction';
import type { VaneDocument } from '../document/schema';
import { leanSides, leanSource } from '../store/lean-answers';
import { useApp } from './store-context';

/** What the ends of the instant figure are called: the sides of the contrast that its fixed answers are of. */
export function useLeanSides(): SideNames {
  return useApp((state) => leanSides(state.document.contrast));
}

/** What the instant figure waits for where there is none. */
export function useLeanLack(): string {
  return useApp((state) => leanLack(state.document));
}

function leanLack(document: VaneDocument): string {
  const { contrast } = document;
  if (contrast.kind === 'pairs' && contrast.rows.length === 0) return 'needs pairs';
  return leanSource(document) ? 'not read yet' : 'needs both piles';
}
