import type { DecoderAuthor } from '../graph/decoder-author';
import type { Value } from '../graph/graph-builder';
import type { ResidualStream } from '../graph/residual-stream';
import type { ModelConfig } from './model-config';

/** What a family's block author is given. */
export interface BlockContext {
  author: DecoderAuthor;
  config: ModelConfig;
  stream: ResidualStream;
  block: number;
  /** The stream normalised for this block's attention, `[tokens, dModel]`. */
  normed: Value;
  /** Hook points at the block's end, in the order their edits apply. */
  endStages: string[];
  /** Norm that reads the block's end: the next block's first, or the final one. */
  nextNorm: string;
}

/** Authors one block: advances the stream past `hook_resid_mid` and the block's end. @returns the stream normalised by `nextNorm`. */
export type BlockAuthor = (context: BlockContext) => Value;

/** Which norms a family's checkpoint names, per block. */
export interface FamilyGraph {
  authorBlock: BlockAuthor;
  /** Norm weights of one block without the `model.layers.N.` prefix; the first one reads the block's input. */
  blockNorms: string[];
}
