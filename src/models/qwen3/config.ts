import type { Fields } from '../../formats/json-fields';
import { readActivation, readGgufRope, readGgufSizes, readRope, readSizes, readWindow } from '../config-reading';
import type { GgufTensors } from '../gguf-names';
import type { ModelConfig } from '../model-config';
import { readQwenLayerKinds } from '../qwen2/config';

/** Qwen 3: RMSNorm on each head of q and k, a head size of its own, no biases unless stated. @throws FormatError, UnsupportedError naming the field. */
export function readQwen3Config(fields: Fields): ModelConfig {
  const sizes = readSizes(fields, { headDim: 128, contextLength: 32_768 });
  const layerKinds = readQwenLayerKinds(fields, sizes.nLayers);
  const bias = fields.boolean('attention_bias', false);
  return {
    family: 'qwen3',
    ...sizes,
    activation: readActivation(fields, 'hidden_act', 'silu'),
    attentionScale: sizes.headDim ** -0.5,
    attentionBias: { q: bias, k: bias, v: bias, o: bias },
    mlpBias: false,
    qkNorm: true,
    sandwichNorms: false,
    tiedHead: fields.boolean('tie_word_embeddings', false),
    embeddingScale: 1,
    normWeightOffset: 0,
    layerKinds,
    slidingWindow: readWindow(fields, layerKinds, 4_096),
    rope: readRope(fields, sizes.contextLength),
    attentionSoftcap: null,
    finalSoftcap: null,
  };
}

/** The same from GGUF metadata. */
export function readQwen3Gguf(metadata: Fields, tensors: GgufTensors): ModelConfig {
  const sizes = readGgufSizes(metadata, 'qwen3', tensors.vocabSize);
  const rope = readGgufRope(metadata, 'qwen3');
  const bias = tensors.has('blk.0.attn_q.bias');
  return {
    family: 'qwen3',
    ...sizes,
    activation: 'silu',
    attentionScale: sizes.headDim ** -0.5,
    attentionBias: { q: bias, k: bias, v: bias, o: tensors.has('blk.0.attn_output.bias') },
    mlpBias: false,
    qkNorm: true,
    sandwichNorms: false,
    tiedHead: tensors.tiedHead,
    embeddingScale: 1,
    normWeightOffset: 0,
    layerKinds: Array.from({ length: sizes.nLayers }, () => 'full' as const),
    slidingWindow: null,
    rope: { full: rope, sliding: rope },
    attentionSoftcap: null,
    finalSoftcap: null,
  };
}
