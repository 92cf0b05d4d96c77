import type { Fields } from '../../formats/json-fields';
import { readActivation, readRope, readSizes } from '../config-reading';
import type { ModelConfig } from '../model-config';

/** Llama 2, 3 and models of their shape: optional biases, full attention everywhere. @throws FormatError, UnsupportedError naming the field. */
export function readLlamaConfig(fields: Fields): ModelConfig {
  const sizes = readSizes(fields, { contextLength: 2_048 });
  const bias = fields.boolean('attention_bias', false);
  return {
    family: 'llama',
    ...sizes,
    activation: readActivation(fields, 'hidden_act', 'silu'),
    attentionScale: sizes.headDim ** -0.5,
    attentionBias: { q: bias, k: bias, v: bias, o: bias },
    mlpBias: fields.boolean('mlp_bias', false),
    qkNorm: false,
    sandwichNorms: false,
    tiedHead: fields.boolean('tie_word_embeddings', false),
    embeddingScale: 1,
    normWeightOffset: 0,
    layerKinds: Array.from({ length: sizes.nLayers }, () => 'full' as const),
    slidingWindow: null,
    rope: readRope(fields, sizes.contextLength),
    attentionSoftcap: null,
    finalSoftcap: null,
  };
}
