import { COMMON_BLOCK_NAMES, type GgufBlockNames, SANDWICH_NORM_NAMES } from '../gguf-names';

/** GGUF names of a block's tensors. */
export const gemma2GgufNames: GgufBlockNames = { ...COMMON_BLOCK_NAMES, ...SANDWICH_NORM_NAMES };
