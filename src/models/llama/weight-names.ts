import { COMMON_BLOCK_NAMES, type GgufBlockNames, PRE_NORM_NAMES } from '../gguf-names';

/** GGUF names of a block's tensors. */
export const llamaGgufNames: GgufBlockNames = { ...COMMON_BLOCK_NAMES, ...PRE_NORM_NAMES };
