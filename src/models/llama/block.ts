import type { FamilyGraph } from '../block-context';
import { authorPreNormBlock, PRE_NORM_WEIGHTS } from '../pre-norm-block';

/** Llama: pre-norm blocks with optional biases and a scaled rotary embedding, as its config says. */
export const llamaGraph: FamilyGraph = { authorBlock: authorPreNormBlock, blockNorms: PRE_NORM_WEIGHTS };
