import type { ModelConfig } from './model-config';
import { FAMILY_GRAPHS } from './registry';

/** One tensor that the graph needs, by its Hugging Face name. */
export interface PlannedWeight {
  name: string;
  role: 'matrix' | 'head' | 'norm' | 'bias';
  /** `[dOut, dIn]` for matrices, `[size]` otherwise. */
  shape: number[];
}

export const EMBEDDING_NAME = 'model.embed_tokens.weight';
export const HEAD_NAME = 'lm_head.weight';

/** Every tensor of the graph in the order of use. The embedding is looked up outside the graph and is not in the list. */
export function planWeights(config: ModelConfig): PlannedWeight[] {
  const { dModel, dMlp, nHeads, nKvHeads, headDim, attentionBias, mlpBias } = config;
  const weights: PlannedWeight[] = [];
  const linear = (name: string, dOut: number, dIn: number, bias: boolean) => {
    weights.push({ name: `${name}.weight`, role: 'matrix', shape: [dOut, dIn] });
    if (bias) weights.push({ name: `${name}.bias`, role: 'bias', shape: [dOut] });
  };
  const norm = (name: string, size: number) => weights.push({ name: `${name}.weight`, role: 'norm', shape: [size] });
  for (let block = 0; block < config.nLayers; block++) {
    const name = `model.layers.${block}`;
    linear(`${name}.self_attn.q_proj`, nHeads * headDim, dModel, attentionBias.q);
    linear(`${name}.self_attn.k_proj`, nKvHeads * headDim, dModel, attentionBias.k);
    linear(`${name}.self_attn.v_proj`, nKvHeads * headDim, dModel, attentionBias.v);
    linear(`${name}.self_attn.o_proj`, dModel, nHeads * headDim, attentionBias.o);
    if (config.qkNorm) for (const part of ['q_norm', 'k_norm']) norm(`${name}.self_attn.${part}`, headDim);
    linear(`${name}.mlp.gate_proj`, dMlp, dModel, mlpBias);
    linear(`${name}.mlp.up_proj`, dMlp, dModel, mlpBias);
    linear(`${name}.mlp.down_proj`, dModel, dMlp, mlpBias);
    for (const part of FAMILY_GRAPHS[config.family].blockNorms) norm(`${name}.${part}`, dModel);
  }
  norm('model.norm', dModel);
  weights.push({ name: HEAD_NAME, role: 'head', shape: [config.vocabSize, dModel] });
  return weights;
}
