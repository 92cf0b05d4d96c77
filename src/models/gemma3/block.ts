import type { FamilyGraph } from '../block-context';
import { authorSandwichNormBlock, SANDWICH_NORM_WEIGHTS } from '../sandwich-norm-block';

/** Gemma 3: norms before and after each sub-layer, with norms over q and k heads and two rotary bases. */
export const gemma3Graph: FamilyGraph = { authorBlock: authorSandwichNormBlock, blockNorms: SANDWICH_NORM_WEIGHTS };
