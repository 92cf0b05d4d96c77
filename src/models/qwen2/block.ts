import type { FamilyGraph } from '../block-context';
import { authorPreNormBlock, PRE_NORM_WEIGHTS } from '../pre-norm-block';

/** Qwen 2: pre-norm blocks with biases on q, k and v, as its config says. */
export const qwen2Graph: FamilyGraph = { authorBlock: authorPreNormBlock, blockNorms: PRE_NORM_WEIGHTS };
