import type { TextTokenizer } from '../formats/text-tokenizer';
import type { WeightStore } from '../formats/weight-store';
import type { ModelConfig } from './model-config';

/** What a checkpoint's files hold. */
export interface CheckpointContent {
  name: string;
  config: ModelConfig;
  weights: WeightStore;
  tokenizer: TextTokenizer;
  /** SHA-256 over the files' identity: config and, once all was read, weights. Resolved after the weights were streamed. */
  sha256(): Promise<string>;
}

/** A validated checkpoint, ready to become a graph: config, tensors on demand and tokenizer. */
export interface Checkpoint extends CheckpointContent {
  /** Frees what was read ahead; weights cannot be read afterwards. */
  close(): void;
}
