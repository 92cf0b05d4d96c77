import type { Fields } from '../../formats/json-fields';
import { readActivation, readGgufRope, readGgufSizes, readLayerKinds, readRope, readSizes, readWindow } from '../config-reading';
import type { GgufTensors } from '../gguf-names';
import type { ModelConfig } from '../model-config';

/** Qwen 2 and 2.5: biases on q, k and v alone; plain RMSNorm before attention and MLP. @throws FormatError, UnsupportedError naming the field. */
export function readQwen2Config(fields: Fields): ModelConfig {
  const sizes = readSizes(fields, { contextLength: 32_768 });
  const layerKinds = readQwenLayerKinds(fields, sizes.nLayers);
  return {
    family: 'qwen2',
    ...sizes,
    activation: readActivation(fields, 'hidden_act', 'silu'),
    attentionScale: sizes.headDim ** -0.5,
    attentionBias: { q: true, k: true, v: true, o: false },
    mlpBias: false,
    qkNorm: false,
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

/** Qwen's blocks from `max_window_layers` on slide, but only when `use_sliding_window` says so. */
export function readQwenLayerKinds(fields: Fields, nLayers: number): ModelConfig['layerKinds'] {
  const slides = fields.boolean('use_sliding_window', false) && !fields.isNull('sliding_window');
  const firstSliding = fields.integer('max_window_layers', 0, Number.MAX_SAFE_INTEGER, 28);
  const kinds = readLayerKinds(fields, nLayers, (block) => slides && block >= firstSliding);
  if (!slides && kinds.includes('sliding')) throw fields.refuse('use_sliding_window', 'true, as layer_types names sliding blocks');
  return kinds;
}

/** The same from GGUF metadata. */
export function readQwen2Gguf(metadata: Fields, tensors: GgufTensors): ModelConfig {
  const sizes = readGgufSizes(metadata, 'qwen2', tensors.vocabSize);
  const rope = readGgufRope(metadata, 'qwen2');
  return {
    family: 'qwen2',
    ...sizes,
    activation: 'silu',
    attentionScale: sizes.headDim ** -0.5,
    attentionBias: { q: true, k: true, v: true, o: false },
    mlpBias: false,
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
