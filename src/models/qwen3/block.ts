import type { FamilyGraph } from '../block-context';
import { authorPreNormBlock, PRE_NORM_WEIGHTS } from '../pre-norm-block';

/** Qwen 3: pre-norm blocks with norms over each head of q and k, as its config says. */
export const qwen3Graph: FamilyGraph = { authorBlock: authorPreNormBlock, blockNorms: PRE_NORM_WEIGHTS };
