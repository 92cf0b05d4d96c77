import type { Fields } from '../../formats/json-fields';
import {
  checkAttentionScale,
  readActivation,
  readGgufRope,
  readGgufSizes,
  readLayerKinds,
  readRopeParameters,
  readSizes,
  readSoftcap,
  readTheta,
  readWindow,
  refuseBidirectional,
} from '../config-reading';
import type { GgufTensors } from '../gguf-names';
import type { ModelConfig } from '../model-config';

const GLOBAL_THETA = 1_000_000;
const LOCAL_THETA = 10_000;

/**
 * Gemma 3, text part: Gemma 2's norms, RMSNorm on each head of q and k, five sliding blocks to each full one, each kind with its own rotary base.
 * `fields` is the config of a text model, or `text_config` of one that also sees images.
 * @throws FormatError, UnsupportedError naming the field.
 */
export function readGemma3Config(fields: Fields): ModelConfig {
  refuseBidirectional(fields);
  const sizes = readSizes(fields, {
    vocabSize: 262_208,
    dModel: 2_304,
    dMlp: 9_216,
    nLayers: 26,
    nHeads: 8,
    nKvHeads: 4,
    headDim: 256,
    contextLength: 131_072,
  });
  const pattern = fields.integer('sliding_window_pattern', 1, 1_000, 6);
  const layerKinds = readLayerKinds(fields, sizes.nLayers, (block) => (block + 1) % pattern !== 0);
  const bias = fields.boolean('attention_bias', false);
  return {
    family: 'gemma3',
    ...sizes,
    activation: readActivation(fields, 'hidden_activation', 'gelu_pytorch_tanh'),
    attentionScale: checkAttentionScale(fields, 'query_pre_attn_scalar', 256),
    attentionBias: { q: bias, k: bias, v: bias, o: bias },
    mlpBias: false,
    qkNorm: true,
    sandwichNorms: true,
    tiedHead: fields.boolean('tie_word_embeddings', true),
    embeddingScale: Math.sqrt(sizes.dModel),
    normWeightOffset: 1,
    layerKinds,
    slidingWindow: readWindow(fields, layerKinds, 4_096),
    rope: readGemma3Rope(fields, sizes.contextLength),
    attentionSoftcap: readSoftcap(fields, 'attn_logit_softcapping', null),
    finalSoftcap: readSoftcap(fields, 'final_logit_softcapping', null),
  };
}

/** `rope_scaling` and `rope_theta` speak of the full blocks, `rope_local_base_freq` of the sliding ones; `rope_parameters` names both. */
function readGemma3Rope(fields: Fields, contextLength: number): ModelConfig['rope'] {
  const fullTheta = readTheta(fields, 'rope_theta', GLOBAL_THETA);
  const slidingTheta = readTheta(fields, 'rope_local_base_freq', LOCAL_THETA);
  const parameters = fields.object('rope_parameters');
  const full = parameters?.object('full_attention');
  const sliding = parameters?.object('sliding_attention');
  if (parameters && !full && !sliding) throw fields.refuse('rope_parameters', 'parameters for full_attention and sliding_attention');
  const scaling = fields.object('rope_scaling') ?? full;
  return {
    full: scaling
      ? readRopeParameters(scaling, full ? readTheta(full, 'rope_theta', fullTheta) : fullTheta, contextLength)
      : { theta: fullTheta, scaling: { kind: 'none' } },
    sliding: sliding ? readRopeParameters(sliding, slidingTheta, contextLength) : { theta: slidingTheta, scaling: { kind: 'none' } },
  };
}

/** Blocks of Gemma 3 27B, which scales attention by the width of a head in the residual stream. */
const LARGEST_BLOCKS = 62;
const BLOCKS_PER_FULL = 6;

/** The same from GGUF metadata, where the norms already hold their 1. */
export function readGemma3Gguf(metadata: Fields, tensors: GgufTensors): ModelConfig {
  const sizes = readGgufSizes(metadata, 'gemma3', tensors.vocabSize);
  metadata.same('gemma3.attention.sliding_window_pattern', BLOCKS_PER_FULL);
  return {
    family: 'gemma3',
    ...sizes,
    activation: 'geluTanh',
    attentionScale: (sizes.nLayers === LARGEST_BLOCKS ? sizes.dModel / sizes.nHeads : sizes.headDim) ** -0.5,
    attentionBias: { q: false, k: false, v: false, o: false },
    mlpBias: false,
    qkNorm: true,
    sandwichNorms: true,
    tiedHead: tensors.tiedHead,
    embeddingScale: Math.sqrt(sizes.dModel),
    normWeightOffset: 0,
    layerKinds: Array.from({ length: sizes.nLayers }, (_, block) => ((block + 1) % BLOCKS_PER_FULL === 0 ? 'full' : 'sliding')),
    slidingWindow: metadata.integer('gemma3.attention.sliding_window', 1, Number.MAX_SAFE_INTEGER),
    rope: {
      full: { ...readGgufRope(metadata, 'gemma3'), theta: readTheta(metadata, 'gemma3.rope.freq_base', GLOBAL_THETA) },
      sliding: { theta: readTheta(metadata, 'gemma3.rope.freq_base_swa', LOCAL_THETA), scaling: { kind: 'none' } },
    },
    attentionSoftcap: null,
    finalSoftcap: metadata.has('gemma3.final_logit_softcapping') ? metadata.number('gemma3.final_logit_softcapping', 1e-3, 1e6) : null,
  };
}
