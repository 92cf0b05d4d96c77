import type { Fields } from '../../formats/json-fields';
import { readActivation, readGgufRope, readGgufSizes, readRope, readSizes } from '../config-reading';
import type { GgufTensors } from '../gguf-names';
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

/** The same from GGUF metadata; Llama 3's rotary scaling is stated by its `rope_freqs` tensor alone and put in by the caller. */
export function readLlamaGguf(metadata: Fields, tensors: GgufTensors): ModelConfig {
  const sizes = readGgufSizes(metadata, 'llama', tensors.vocabSize);
  for (const field of ['llama.expert_count']) metadata.same(field, 0);
  const rope = readGgufRope(metadata, 'llama');
  const bias = tensors.has('blk.0.attn_q.bias');
  return {
    family: 'llama',
    ...sizes,
    activation: 'silu',
    attentionScale: sizes.headDim ** -0.5,
    attentionBias: { q: bias, k: bias, v: bias, o: tensors.has('blk.0.attn_output.bias') },
    mlpBias: tensors.has('blk.0.ffn_up.bias'),
    qkNorm: false,
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
