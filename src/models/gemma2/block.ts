import type { FamilyGraph } from '../block-context';
import { authorSandwichNormBlock, SANDWICH_NORM_WEIGHTS } from '../sandwich-norm-block';

/** Gemma 2: norms before and after each sub-layer, with softcaps on attention scores and logits. */
export const gemma2Graph: FamilyGraph = { authorBlock: authorSandwichNormBlock, blockNorms: SANDWICH_NORM_WEIGHTS };
