import type { Fields } from '../../formats/json-fields';
import {
  checkAttentionScale,
  readActivation,
  readGgufRope,
  readGgufSizes,
  readLayerKinds,
  readRope,
  readSizes,
  readSoftcap,
  readWindow,
  refuseBidirectional,
} from '../config-reading';
import type { GgufTensors } from '../gguf-names';
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

/** Blocks of Gemma 2 27B, which scales attention by the width of a head in the residual stream. */
const LARGEST_BLOCKS = 46;

/** The same from GGUF metadata, where the norms already hold their 1. */
export function readGemma2Gguf(metadata: Fields, tensors: GgufTensors): ModelConfig {
  const sizes = readGgufSizes(metadata, 'gemma2', tensors.vocabSize);
  const rope = readGgufRope(metadata, 'gemma2');
  return {
    family: 'gemma2',
    ...sizes,
    activation: 'geluTanh',
    attentionScale: (sizes.nLayers === LARGEST_BLOCKS ? sizes.dModel / sizes.nHeads : sizes.headDim) ** -0.5,
    attentionBias: { q: false, k: false, v: false, o: false },
    mlpBias: false,
    qkNorm: false,
    sandwichNorms: true,
    tiedHead: tensors.tiedHead,
    embeddingScale: Math.sqrt(sizes.dModel),
    normWeightOffset: 0,
    layerKinds: Array.from({ length: sizes.nLayers }, (_, block) => (block % 2 === 0 ? 'sliding' : 'full')),
    slidingWindow: metadata.integer('gemma2.attention.sliding_window', 1, Number.MAX_SAFE_INTEGER, 4_096),
    rope: { full: rope, sliding: rope },
    attentionSoftcap: metadata.number('gemma2.attn_logit_softcapping', 1e-3, 1e6, 50),
    finalSoftcap: metadata.number('gemma2.final_logit_softcapping', 1e-3, 1e6, 30),
  };
}
