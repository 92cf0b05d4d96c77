import type { DecoderAuthor } from './decoder-author';
import { MICROSOFT_DOMAIN, type Value } from './graph-builder';

export interface FeedForwardOptions {
  /** Name of the layer, such as `model.layers.3.mlp`. */
  name: string;
  dModel: number;
  dMlp: number;
  activation: 'silu' | 'geluTanh';
  bias: boolean;
}

/** Gated MLP: `down(activation(gate(x)) * up(x))`; x and the result `[tokens, dModel]`. */
export function gatedFeedForward(author: DecoderAuthor, x: Value, options: FeedForwardOptions): Value {
  const { builder } = author;
  const { name, dModel, dMlp, bias } = options;
  const gate = author.linear(x, `${name}.gate_proj`, dModel, { bias });
  const up = author.linear(x, `${name}.up_proj`, dModel, { bias });
  const active =
    options.activation === 'silu'
      ? builder.node('QuickGelu', [gate], { alpha: { float: 1 } }, { domain: MICROSOFT_DOMAIN })
      : builder.node('FastGelu', [gate], {}, { domain: MICROSOFT_DOMAIN });
  return author.linear(builder.node('Mul', [active, up]), `${name}.down_proj`, dMlp, { bias });
}
