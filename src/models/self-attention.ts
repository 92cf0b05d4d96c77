import { attention } from '../graph/attention';
import type { DecoderAuthor } from '../graph/decoder-author';
import type { Value } from '../graph/graph-builder';
import type { ModelConfig } from './model-config';

/** Projections, optional norms over q and k heads, attention and output projection of one block; x and the result `[tokens, dModel]`. */
export function selfAttention(author: DecoderAuthor, config: ModelConfig, block: number, x: Value): Value {
  const name = `model.layers.${block}.self_attn`;
  const { dModel, headDim, nHeads, nKvHeads, attentionBias } = config;
  const perHead = (value: Value, norm: string): Value =>
    config.qkNorm
      ? author.norm(author.builder.node('Reshape', [value, author.builder.integers([-1, headDim])]), `${name}.${norm}.weight`)
      : value;
  const q = perHead(author.linear(x, `${name}.q_proj`, dModel, { bias: attentionBias.q }), 'q_norm');
  const k = perHead(author.linear(x, `${name}.k_proj`, dModel, { bias: attentionBias.k }), 'k_norm');
  const v = author.linear(x, `${name}.v_proj`, dModel, { bias: attentionBias.v });
  const kind = config.layerKinds[block] ?? 'full';
  const mixed = attention(author, q, k, v, {
    block,
    nHeads,
    nKvHeads,
    headDim,
    kind,
    scale: config.attentionScale,
    window: kind === 'sliding' ? config.slidingWindow : null,
    softcap: config.attentionSoftcap,
    rotary: { headDim, ...config.rope[kind] },
  });
  return author.linear(mixed, `${name}.o_proj`, nHeads * headDim, { bias: attentionBias.o });
}
