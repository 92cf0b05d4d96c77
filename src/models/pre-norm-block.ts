import { gatedFeedForward } from '../graph/feed-forward';
import type { Value } from '../graph/graph-builder';
import type { BlockContext } from './block-context';
import { selfAttention } from './self-attention';

/** `mid = pre + attention(norm(pre))`, `post = mid + mlp(norm(mid))`: the block of Llama, Qwen 2 and Qwen 3. */
export function authorPreNormBlock({ author, config, stream, block, normed, endStages, nextNorm }: BlockContext): Value {
  const name = `model.layers.${block}`;
  const mixed = selfAttention(author, config, block, normed);
  const normedMid = stream.advance(mixed, [`blocks.${block}.hook_resid_mid`], `${name}.post_attention_layernorm.weight`);
  const { dModel, dMlp, activation, mlpBias } = config;
  const update = gatedFeedForward(author, normedMid, { name: `${name}.mlp`, dModel, dMlp, activation, bias: mlpBias });
  return stream.advance(update, endStages, nextNorm);
}

export const PRE_NORM_WEIGHTS = ['input_layernorm', 'post_attention_layernorm'];
