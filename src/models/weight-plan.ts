import type { ModelConfig } from './model-config';
import { FAMILY_GRAPHS } from './registry';

/** One tensor that the graph needs, by its Hugging Face name. */
export interface PlannedWeight {
  name: string;
  role: 'matrix' | 'head' | 'norm' | 'bias';
  /** `[dOut, dIn]` for matrices, `[size]` otherwise. */
  shape: number[];
  /** The shape that the graph gets: zeros are added at the end of each axis. */
  paddedShape: number[];
}

export const EMBEDDING_NAME = 'model.embed_tokens.weight';
export const HEAD_NAME = 'lm_head.weight';

/**
 * Every tensor of the graph in the order of use. The embedding is looked up outside the graph and is not in the list.
 * @param mlpPadding zero units added to each block's MLP; they change nothing of what it computes.
 */
export function planWeights(config: ModelConfig, mlpPadding: (block: number) => number = () => 0): PlannedWeight[] {
  const { dModel, dMlp, nHeads, nKvHeads, headDim, attentionBias, mlpBias } = config;
  const weights: PlannedWeight[] = [];
  const linear = (name: string, dOut: number, dIn: number, bias: boolean, moreOut = 0, moreIn = 0) => {
    weights.push({ name: `${name}.weight`, role: 'matrix', shape: [dOut, dIn], paddedShape: [dOut + moreOut, dIn + moreIn] });
    if (bias) weights.push({ name: `${name}.bias`, role: 'bias', shape: [dOut], paddedShape: [dOut + moreOut] });
  };
  const norm = (name: string, size: number) => weights.push({ name: `${name}.weight`, role: 'norm', shape: [size], paddedShape: [size] });
  for (let block = 0; block < config.nLayers; block++) {
    const name = `model.layers.${block}`;
    linear(`${name}.self_attn.q_proj`, nHeads * headDim, dModel, attentionBias.q);
    linear(`${name}.self_attn.k_proj`, nKvHeads * headDim, dModel, attentionBias.k);
    linear(`${name}.self_attn.v_proj`, nKvHeads * headDim, dModel, attentionBias.v);
    linear(`${name}.self_attn.o_proj`, dModel, nHeads * headDim, attentionBias.o);
    if (config.qkNorm) for (const part of ['q_norm', 'k_norm']) norm(`${name}.self_attn.${part}`, headDim);
    const more = mlpPadding(block);
    linear(`${name}.mlp.gate_proj`, dMlp, dModel, mlpBias, more);
    linear(`${name}.mlp.up_proj`, dMlp, dModel, mlpBias, more);
    linear(`${name}.mlp.down_proj`, dModel, dMlp, mlpBias, 0, more);
    for (const part of FAMILY_GRAPHS[config.family].blockNorms) norm(`${name}.${part}`, dModel);
  }
  norm('model.norm', dModel);
  const headShape = [config.vocabSize, dModel];
  weights.push({ name: HEAD_NAME, role: 'head', shape: headShape, paddedShape: headShape });
  return weights;
}
