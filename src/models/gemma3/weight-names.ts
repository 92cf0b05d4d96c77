import { COMMON_BLOCK_NAMES, type GgufBlockNames, QK_NORM_NAMES, SANDWICH_NORM_NAMES } from '../gguf-names';

/** GGUF names of a block's tensors. */
export const gemma3GgufNames: GgufBlockNames = { ...COMMON_BLOCK_NAMES, ...SANDWICH_NORM_NAMES, ...QK_NORM_NAMES };
