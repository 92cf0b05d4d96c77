import type { Fields } from '../../formats/json-fields';
import {
  checkAttentionScale,
  readActivation,
  readLayerKinds,
  readRope,
  readSizes,
  readSoftcap,
  readWindow,
  refuseBidirectional,
} from '../config-reading';
import type { ModelConfig } from '../model-config';

/** Gemma 2: sandwich norms stored as w - 1, both soft caps, every other block slides. @throws FormatError, UnsupportedError naming the field. */
export function readGemma2Config(fields: Fields): ModelConfig {
  refuseBidirectional(fields);
  const sizes = readSizes(fields, {
    vocabSize: 256_000,
    dModel: 2_304,
    dMlp: 9_216,
    nLayers: 26,
    nHeads: 8,
    nKvHeads: 4,
    headDim: 256,
    contextLength: 8_192,
  });
  const layerKinds = readLayerKinds(fields, sizes.nLayers, (block) => block % 2 === 0);
  const bias = fields.boolean('attention_bias', false);
  return {
    family: 'gemma2',
    ...sizes,
    activation: readActivation(fields, 'hidden_activation', 'gelu_pytorch_tanh'),
    attentionScale: checkAttentionScale(fields, 'query_pre_attn_scalar', 256),
    attentionBias: { q: bias, k: bias, v: bias, o: bias },
    mlpBias: false,
    qkNorm: false,
    sandwichNorms: true,
    tiedHead: fields.boolean('tie_word_embeddings', true),
    embeddingScale: Math.sqrt(sizes.dModel),
    normWeightOffset: 1,
    layerKinds,
    slidingWindow: readWindow(fields, layerKinds, 4_096),
    rope: readRope(fields, sizes.contextLength),
    attentionSoftcap: readSoftcap(fields, 'attn_logit_softcapping', 50),
    finalSoftcap: readSoftcap(fields, 'final_logit_softcapping', 30),
  };
}
