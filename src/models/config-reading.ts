import { FormatError, UnsupportedError } from '../core/errors';
import { LIMITS } from '../core/limits';
import type { Fields } from '../formats/json-fields';
import type { ModelConfig, RopeConfig } from './model-config';

/** Sizes that every family states in the same fields. */
export type Sizes = Pick<
  ModelConfig,
  'nLayers' | 'dModel' | 'nHeads' | 'nKvHeads' | 'headDim' | 'dMlp' | 'vocabSize' | 'contextLength' | 'normEpsilon'
>;

/** What a family's configuration class assumes for fields that config.json leaves out. */
export type SizeDefaults = Partial<Sizes>;

const OTHER_MODEL = 'This engine runs plain Qwen 2 and 3, Gemma 2 and 3 (text) and Llama models.';

/** Reads the sizes of a config.json. @throws FormatError naming the field for absurd, negative or textual values. */
export function readSizes(fields: Fields, defaults: SizeDefaults = {}): Sizes {
  const nHeads = fields.integer('num_attention_heads', 1, LIMITS.heads, defaults.nHeads);
  const dModel = fields.integer('hidden_size', 1, LIMITS.dModel, defaults.dModel);
  const nKvHeads = fields.integer('num_key_value_heads', 1, LIMITS.heads, defaults.nKvHeads ?? nHeads);
  if (nHeads % nKvHeads !== 0) throw fields.refuse('num_key_value_heads', `a divisor of the ${nHeads} attention heads`);
  if (!fields.has('head_dim') && defaults.headDim === undefined && dModel % nHeads !== 0) {
    throw fields.refuse('hidden_size', `a multiple of the ${nHeads} attention heads, as no head_dim is given`);
  }
  const headDim = fields.integer('head_dim', 2, LIMITS.headDim, defaults.headDim ?? Math.floor(dModel / nHeads));
  if (headDim % 2 !== 0) throw fields.refuse('head_dim', 'an even number, for the rotary embedding');
  return {
    nLayers: fields.integer('num_hidden_layers', 1, LIMITS.nLayers, defaults.nLayers),
    dModel,
    nHeads,
    nKvHeads,
    headDim,
    dMlp: fields.integer('intermediate_size', 1, LIMITS.dMlp, defaults.dMlp),
    vocabSize: fields.integer('vocab_size', 1, LIMITS.vocabSize, defaults.vocabSize),
    contextLength: fields.integer('max_position_embeddings', 1, Number.MAX_SAFE_INTEGER, defaults.contextLength),
    normEpsilon: fields.number('rms_norm_eps', 1e-12, 1e-2, defaults.normEpsilon ?? 1e-6),
  };
}

/** The activation of a gated MLP. @throws UnsupportedError for one that no listed family uses. */
export function readActivation(fields: Fields, field: string, fallback: string): ModelConfig['activation'] {
  const name = fields.string(field, fallback);
  if (name === 'silu' || name === 'swish') return 'silu';
  if (name === 'gelu_pytorch_tanh' || name === 'gelu_new') return 'geluTanh';
  throw new UnsupportedError(
    `${fields.file}: field "${fields.pathOf(field)}": expected silu or gelu_pytorch_tanh, got "${name}".`,
    OTHER_MODEL,
  );
}

/**
 * Rotary embedding, as transformers 4 (`rope_theta`, `rope_scaling`) or 5 (`rope_parameters`, perhaps one for each kind of layer) writes it.
 * @throws UnsupportedError for a kind of scaling that this engine does not have.
 */
export function readRope(fields: Fields, contextLength: number, defaultTheta = 10_000): { full: RopeConfig; sliding: RopeConfig } {
  const field = fields.object('rope_scaling') ? 'rope_scaling' : 'rope_parameters';
  const parameters = fields.object(field);
  const theta = readTheta(fields, 'rope_theta', defaultTheta);
  if (!parameters) return both({ theta, scaling: { kind: 'none' } });
  const full = parameters.object('full_attention');
  const sliding = parameters.object('sliding_attention');
  if (!full && !sliding) return both(readRopeParameters(parameters, theta, contextLength));
  const fullConfig: RopeConfig = full ? readRopeParameters(full, theta, contextLength) : { theta, scaling: { kind: 'none' } };
  return { full: fullConfig, sliding: sliding ? readRopeParameters(sliding, theta, contextLength) : fullConfig };
}

function both(rope: RopeConfig): { full: RopeConfig; sliding: RopeConfig } {
  return { full: rope, sliding: rope };
}

/** A rotary base within reason. */
export function readTheta(fields: Fields, field: string, fallback: number): number {
  return fields.number(field, 1, 1e12, fallback);
}

/** One set of rotary parameters. */
export function readRopeParameters(parameters: Fields, defaultTheta: number, contextLength: number): RopeConfig {
  const theta = readTheta(parameters, 'rope_theta', defaultTheta);
  const field = parameters.has('rope_type') ? 'rope_type' : 'type';
  const kind = parameters.string(field, 'default');
  if (parameters.number('partial_rotary_factor', 0, 1, 1) !== 1) {
    throw new UnsupportedError(
      `${parameters.file}: field "${parameters.pathOf('partial_rotary_factor')}": expected 1, got a part.`,
      OTHER_MODEL,
    );
  }
  if (kind === 'default') return { theta, scaling: { kind: 'none' } };
  if (kind === 'linear') return { theta, scaling: { kind: 'linear', factor: parameters.number('factor', 1e-3, 1e6) } };
  if (kind === 'llama3') {
    const lowFrequencyFactor = parameters.number('low_freq_factor', 1e-3, 1e6);
    const highFrequencyFactor = parameters.number('high_freq_factor', 1e-3, 1e6);
    if (highFrequencyFactor <= lowFrequencyFactor)
      throw parameters.refuse('high_freq_factor', `a number above low_freq_factor (${lowFrequencyFactor})`);
    return {
      theta,
      scaling: {
        kind: 'llama3',
        factor: parameters.number('factor', 1e-3, 1e6),
        lowFrequencyFactor,
        highFrequencyFactor,
        originalContextLength: parameters.integer('original_max_position_embeddings', 1, Number.MAX_SAFE_INTEGER, contextLength),
      },
    };
  }
  throw new UnsupportedError(
    `${parameters.file}: field "${parameters.pathOf(field)}": expected default, linear or llama3 rotary scaling, got "${kind}".`,
    'Use a checkpoint without this scaling; many models have one for their own context length.',
  );
}

/** Kinds of attention by `layer_types`, else by `pattern` of the block index. @throws FormatError for a wrong count or name. */
export function readLayerKinds(fields: Fields, nLayers: number, isSliding: (block: number) => boolean): ModelConfig['layerKinds'] {
  const types = fields.array('layer_types');
  if (!types) return Array.from({ length: nLayers }, (_, block) => (isSliding(block) ? 'sliding' : 'full'));
  if (types.length !== nLayers) throw fields.refuse('layer_types', `${nLayers} entries, one for each block`);
  return types.map((type, block) => {
    if (type === 'full_attention') return 'full';
    if (type === 'sliding_attention') return 'sliding';
    throw new UnsupportedError(
      `${fields.file}: field "${fields.pathOf('layer_types')}[${block}]": expected full_attention or sliding_attention, got "${String(type).slice(0, 60)}".`,
      OTHER_MODEL,
    );
  });
}

/** A soft cap; null switches it off, absence means the family's default. */
export function readSoftcap(fields: Fields, field: string, fallback: number | null): number | null {
  if (fields.isNull(field)) return null;
  if (!fields.has(field)) return fallback;
  return fields.number(field, 1e-3, 1e6);
}

/** The window of sliding blocks. @throws FormatError when some block slides and there is none. */
export function readWindow(fields: Fields, kinds: ModelConfig['layerKinds'], fallback?: number): number | null {
  if (!kinds.includes('sliding')) return null;
  if (fields.isNull('sliding_window')) throw fields.refuse('sliding_window', 'the window of the sliding blocks');
  return fields.integer('sliding_window', 1, Number.MAX_SAFE_INTEGER, fallback);
}

/** Gemma can be trained to look both ways, which no causal decoding can do. */
export function refuseBidirectional(fields: Fields): void {
  if (fields.boolean('use_bidirectional_attention', false)) {
    throw new UnsupportedError(
      `${fields.file}: field "${fields.pathOf('use_bidirectional_attention')}": expected false, got true.`,
      'Embedding models cannot generate: take a text model.',
    );
  }
}

/** @throws FormatError unless the sizes fit each other. */
export function checkAttentionScale(fields: Fields, field: string, fallback: number): number {
  const scalar = fields.number(field, 1e-6, 1e6, fallback);
  if (!(scalar > 0))
    throw new FormatError(`${fields.file}: field "${fields.pathOf(field)}": expected a positive number, got ${scalar}.`, OTHER_MODEL);
  return scalar ** -0.5;
}

/** Sizes from GGUF metadata, whose fields begin with the architecture's name. `vocabSize` is the embedding's, as the metadata may leave it out. */
export function readGgufSizes(metadata: Fields, architecture: string, vocabSize: number): Sizes {
  const field = (name: string) => `${architecture}.${name}`;
  const nHeads = metadata.integer(field('attention.head_count'), 1, LIMITS.heads);
  const dModel = metadata.integer(field('embedding_length'), 1, LIMITS.dModel);
  const nKvHeads = metadata.integer(field('attention.head_count_kv'), 1, LIMITS.heads, nHeads);
  if (nHeads % nKvHeads !== 0) throw metadata.refuse(field('attention.head_count_kv'), `a divisor of the ${nHeads} attention heads`);
  const headDim = metadata.integer(field('attention.key_length'), 2, LIMITS.headDim, dModel % nHeads === 0 ? dModel / nHeads : undefined);
  if (headDim % 2 !== 0) throw metadata.refuse(field('attention.key_length'), 'an even number, for the rotary embedding');
  metadata.same(field('attention.value_length'), headDim);
  metadata.same(field('rope.dimension_count'), headDim);
  return {
    nLayers: metadata.integer(field('block_count'), 1, LIMITS.nLayers),
    dModel,
    nHeads,
    nKvHeads,
    headDim,
    dMlp: metadata.integer(field('feed_forward_length'), 1, LIMITS.dMlp),
    vocabSize,
    contextLength: metadata.integer(field('context_length'), 1, Number.MAX_SAFE_INTEGER),
    normEpsilon: metadata.number(field('attention.layer_norm_rms_epsilon'), 1e-12, 1e-2),
  };
}

/** Rotary embedding from GGUF metadata: a base and at most linear scaling. */
export function readGgufRope(metadata: Fields, architecture: string): RopeConfig {
  const theta = readTheta(metadata, `${architecture}.rope.freq_base`, 10_000);
  const kindField = `${architecture}.rope.scaling.type`;
  const kind = metadata.string(kindField, 'none');
  const factor =
    metadata.number(`${architecture}.rope.scaling.factor`, 0, 1e6, metadata.number(`${architecture}.rope.scale_linear`, 0, 1e6, 1)) || 1;
  if (kind === 'linear' || (kind === 'none' && !metadata.has(kindField) && factor !== 1))
    return { theta, scaling: factor === 1 ? { kind: 'none' } : { kind: 'linear', factor } };
  if (kind === 'none') return { theta, scaling: { kind: 'none' } };
  throw new UnsupportedError(
    `${metadata.file}: field "${kindField}": expected none or linear, got "${kind.slice(0, 60)}".`,
    'Use a checkpoint without this scaling; many models have one for their own context length.',
  );
}
