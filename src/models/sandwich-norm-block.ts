import { gatedFeedForward } from '../graph/feed-forward';
import type { Value } from '../graph/graph-builder';
import type { BlockContext } from './block-context';
import { selfAttention } from './self-attention';

/** `mid = pre + norm(attention(norm(pre)))`, `post = mid + norm(mlp(norm(mid)))`: the block of Gemma 2 and 3. */
export function authorSandwichNormBlock({ author, config, stream, block, normed, endStages, nextNorm }: BlockContext): Value {
  const name = `model.layers.${block}`;
  const mixed = author.norm(selfAttention(author, config, block, normed), `${name}.post_attention_layernorm.weight`);
  const normedMid = stream.advance(mixed, [`blocks.${block}.hook_resid_mid`], `${name}.pre_feedforward_layernorm.weight`);
  const { dModel, dMlp, activation, mlpBias } = config;
  const update = gatedFeedForward(author, normedMid, { name: `${name}.mlp`, dModel, dMlp, activation, bias: mlpBias });
  return stream.advance(author.norm(update, `${name}.post_feedforward_layernorm.weight`), endStages, nextNorm);
}

export const SANDWICH_NORM_WEIGHTS = [
  'input_layernorm',
  'post_attention_layernorm',
  'pre_feedforward_layernorm',
  'post_feedforward_layernorm',
];
