import type { TextTokenizer } from '../formats/text-tokenizer';
import type { WeightStore } from '../formats/weight-store';
import type { ModelConfig } from './model-config';

/** A validated checkpoint, ready to become a graph: config, tensors on demand and tokenizer. */
export interface Checkpoint {
  name: string;
  config: ModelConfig;
  weights: WeightStore;
  tokenizer: TextTokenizer;
  /** SHA-256 over the files' identity: config and, once all was read, weights. Resolved after the weights were streamed. */
  sha256(): Promise<string>;
}
