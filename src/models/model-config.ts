export type Family = 'qwen2' | 'qwen3' | 'gemma2' | 'gemma3' | 'llama';

/** Rotary embedding of one kind of attention layer; frequencies are over `headDim`. */
export interface RopeConfig {
  theta: number;
  scaling:
    | { kind: 'none' }
    | { kind: 'linear'; factor: number }
    | { kind: 'llama3'; factor: number; lowFrequencyFactor: number; highFrequencyFactor: number; originalContextLength: number };
}

/** One architecture description for every family, from config.json or GGUF metadata. The graph is authored from this alone. */
export interface ModelConfig {
  family: Family;
  nLayers: number;
  dModel: number;
  nHeads: number;
  nKvHeads: number;
  headDim: number;
  dMlp: number;
  vocabSize: number;
  contextLength: number;
  normEpsilon: number;
  activation: 'silu' | 'geluTanh';
  /** Multiplies q.k before softmax. */
  attentionScale: number;
  attentionBias: { q: boolean; k: boolean; v: boolean; o: boolean };
  mlpBias: boolean;
  /** RMSNorm over each head of q and k before the rotary embedding. */
  qkNorm: boolean;
  /** Gemma: norms after attention and after the MLP, beside those before. */
  sandwichNorms: boolean;
  tiedHead: boolean;
  /** Multiplies the embedding's output (Gemma: sqrt(dModel)). */
  embeddingScale: number;
  /** Added to every norm weight as stored (Gemma's safetensors: 1). */
  normWeightOffset: 0 | 1;
  /** Attention kind of each block. */
  layerKinds: Array<'full' | 'sliding'>;
  /** Tokens that a sliding block attends to, itself included. */
  slidingWindow: number | null;
  rope: { full: RopeConfig; sliding: RopeConfig };
  attentionSoftcap: number | null;
  finalSoftcap: number | null;
}
