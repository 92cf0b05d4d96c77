import { f32Bytes, safetensors } from '../formats/byte-sources';

/** A tiny valid file of each format, to be broken. */
export const SAFETENSORS = safetensors({
  'model.norm.weight': { dtype: 'F32', shape: [2], bytes: f32Bytes([1, 2]) },
  'model.embed_tokens.weight': { dtype: 'F16', shape: [2, 2], bytes: new Uint8Array(8) },
});

/** A GGUF with metadata of each kind and two tensors. */
export function ggufSample(): Uint8Array {
  const parts: Buffer[] = [];
  const u32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    parts.push(bytes);
  };
  const u64 = (value: bigint | number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    parts.push(bytes);
  };
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    u64(bytes.length);
    parts.push(bytes);
  };
  const f32 = (value: number) => parts.push(Buffer.from(f32Bytes([value])));
  parts.push(Buffer.from('GGUF'));
  u32(3);
  u64(2);
  u64(6);
  text('general.architecture');
  u32(8);
  text('qwen2');
  text('qwen2.block_count');
  u32(4);
  u32(1);
  text('qwen2.rope.freq_base');
  u32(6);
  f32(1e4);
  text('tokenizer.ggml.tokens');
  u32(9);
  u32(8);
  u64(3);
  for (const token of ['a', 'b', 'ab']) text(token);
  text('tokenizer.ggml.token_type');
  u32(9);
  u32(5);
  u64(3);
  for (const type of [1, 1, 3]) u32(type);
  text('tokenizer.ggml.add_bos_token');
  u32(7);
  parts.push(Buffer.from([1]));
  text('token_embd.weight');
  u32(2);
  u64(32);
  u64(3);
  u32(8);
  u64(0);
  text('output_norm.weight');
  u32(1);
  u64(4);
  u32(0);
  u64(128);
  const header = Buffer.concat(parts);
  const start = Math.ceil(header.length / 32) * 32;
  return Uint8Array.from(
    Buffer.concat([header, Buffer.alloc(start - header.length), Buffer.alloc(128), Buffer.from(f32Bytes([1, 2, 3, 4]))]),
  );
}

export const TOKENIZER = {
  version: '1.0',
  added_tokens: [{ id: 5, content: '<end>', special: true, normalized: false, lstrip: false, rstrip: false, single_word: false }],
  normalizer: { type: 'NFC' },
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Split', pattern: { Regex: '\\s+|\\S+' }, behavior: 'Isolated', invert: false },
      { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
    ],
  },
  post_processor: { type: 'TemplateProcessing', single: [{ Sequence: { id: 'A', type_id: 0 } }], pair: [], special_tokens: {} },
  decoder: { type: 'ByteLevel' },
  model: { type: 'BPE', byte_fallback: false, unk_token: null, vocab: { a: 0, b: 1, ab: 2, Ġ: 3, Ġa: 4 }, merges: [['a', 'b'], 'Ġ a'] },
};

export const GGUF_TOKENIZER = {
  'tokenizer.ggml.model': 'llama',
  'tokenizer.ggml.pre': 'default',
  'tokenizer.ggml.tokens': ['<unk>', '<s>', '</s>', 'a', 'b', 'ab', '\u2581'],
  'tokenizer.ggml.scores': Float32Array.of(0, 0, 0, -1, -2, -3, -4),
  'tokenizer.ggml.token_type': Int32Array.of(2, 3, 3, 1, 1, 1, 1),
  'tokenizer.ggml.bos_token_id': 1,
  'tokenizer.ggml.eos_token_id': 2,
  'tokenizer.ggml.unknown_token_id': 0,
  'tokenizer.ggml.add_bos_token': true,
};

export const CONFIGS: Record<string, unknown>[] = [
  {
    model_type: 'qwen3',
    hidden_size: 64,
    intermediate_size: 96,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 16,
    vocab_size: 100,
    max_position_embeddings: 512,
    rms_norm_eps: 1e-6,
    rope_theta: 1e6,
    hidden_act: 'silu',
    tie_word_embeddings: true,
  },
  {
    model_type: 'gemma3',
    text_config: {
      model_type: 'gemma3_text',
      hidden_size: 64,
      intermediate_size: 96,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      head_dim: 16,
      sliding_window: 8,
      layer_types: ['sliding_attention', 'full_attention'],
      query_pre_attn_scalar: 16,
      final_logit_softcapping: null,
      rope_parameters: {
        full_attention: { rope_type: 'linear', factor: 8, rope_theta: 1e6 },
        sliding_attention: { rope_type: 'default', rope_theta: 1e4 },
      },
    },
  },
  {
    model_type: 'llama',
    hidden_size: 64,
    intermediate_size: 96,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    vocab_size: 100,
    rope_scaling: { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 64 },
  },
];

export const ADAPTER_CONFIG = {
  peft_type: 'LORA',
  base_model_name_or_path: 'x/y',
  r: 2,
  lora_alpha: 4,
  use_rslora: false,
  use_dora: false,
  bias: 'none',
  target_modules: ['q_proj', 'down_proj'],
  layers_to_transform: [0, 1],
  layers_pattern: 'layers',
  rank_pattern: { q_proj: 3 },
  alpha_pattern: { '.*\\.down_proj': 8 },
  fan_in_fan_out: false,
  modules_to_save: null,
};
