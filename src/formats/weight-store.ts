/** How a tensor is stored in its file. */
export type StoredType = 'F32' | 'F16' | 'BF16' | 'Q8_0' | 'Q4_0' | 'Q4_1' | 'Q5_0' | 'Q5_1' | 'Q2_K' | 'Q3_K' | 'Q4_K' | 'Q5_K' | 'Q6_K';

export interface WeightEntry {
  /** Hugging Face name, such as `model.layers.0.mlp.down_proj.weight`. */
  name: string;
  /** Row-major, `[dOut, dIn]` for a linear layer. */
  shape: number[];
  storedType: StoredType;
  sizeBytes: number;
}

/** Rows of symmetric blocks of 32 along dIn: value = scale * (quant - zero), zero is 8 for q4 and 128 for q8. */
export interface BlockRows {
  bits: 4 | 8;
  /** `[rows, dIn/32, 32*bits/8]` unsigned; a last short block is padded with `zero`. */
  quants: Uint8Array;
  /** `[rows, ceil(dIn/32)]`. */
  scales: Float32Array;
}

/** A checkpoint's tensors by Hugging Face name, whatever file they are in; rows are read on demand and nothing is held whole. */
export interface WeightStore {
  entries(): Iterable<WeightEntry>;
  entry(name: string): WeightEntry | undefined;
  /** De-quantised rows `[rowCount, dIn]` of a matrix (a vector is one row). @throws FormatError for non-finite values, naming the tensor. */
  readRows(name: string, firstRow: number, rowCount: number, signal?: AbortSignal): Promise<Float32Array>;
  /** The rows as stored when the format is block-32 symmetric (Q8_0, Q4_0) and so loses nothing; null otherwise. */
  readBlockRows(name: string, firstRow: number, rowCount: number, signal?: AbortSignal): Promise<BlockRows | null>;
  /** Bytes of all tensors as stored. */
  totalBytes: number;
}
