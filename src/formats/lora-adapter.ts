export type LoraProjection = 'q_proj' | 'k_proj' | 'v_proj' | 'o_proj' | 'gate_proj' | 'up_proj' | 'down_proj';

/** One adapted linear layer: dy = scale * scaling * B (A x), scale being the runtime slider. */
export interface LoraModule {
  block: number;
  projection: LoraProjection;
  rank: number;
  /** `[rank, dIn]`. */
  a: Float32Array;
  /** `[dOut, rank]`. */
  b: Float32Array;
  /** alpha/r, or alpha/sqrt(r) with rsLoRA, by this module's own rank and alpha. */
  scaling: number;
}

export interface LoraAdapter {
  sha256: string;
  /** `base_model_name_or_path` as its config says, for the screen only. */
  baseModelName: string;
  modules: LoraModule[];
}
