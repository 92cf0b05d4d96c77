/** What of a GGUF's tensor table shapes its config. */
export interface GgufTensors {
  /** Rows of the embedding. */
  vocabSize: number;
  /** No head of its own. */
  tiedHead: boolean;
  has(name: string): boolean;
}

/** Hugging Face names of a block's parts by their GGUF names. */
export type GgufBlockNames = Readonly<Record<string, string>>;

/** Parts that all listed families name alike. */
export const COMMON_BLOCK_NAMES: GgufBlockNames = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};

/** RMSNorm on the heads of q and k. */
export const QK_NORM_NAMES: GgufBlockNames = { attn_q_norm: 'self_attn.q_norm', attn_k_norm: 'self_attn.k_norm' };

/** Norms before attention and before the MLP. */
export const PRE_NORM_NAMES: GgufBlockNames = { ffn_norm: 'post_attention_layernorm' };

/** Norms before and after both. */
export const SANDWICH_NORM_NAMES: GgufBlockNames = {
  post_attention_norm: 'post_attention_layernorm',
  ffn_norm: 'pre_feedforward_layernorm',
  post_ffw_norm: 'post_feedforward_layernorm',
};

const OUTER_NAMES: Readonly<Record<string, string>> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
};

/** The Hugging Face name of a GGUF tensor, or null for one that the family does not have. */
export function huggingFaceName(stored: string, blockNames: GgufBlockNames): string | null {
  if (Object.hasOwn(OUTER_NAMES, stored)) return OUTER_NAMES[stored] ?? null;
  const match = /^blk\.(\d{1,4})\.(\w+)\.(weight|bias)$/.exec(stored);
  const part = match?.[2] ?? '';
  if (!match || !Object.hasOwn(blockNames, part)) return null;
  return `model.layers.${Number(match[1])}.${blockNames[part]}.${match[3]}`;
}
