import { readFileSync } from 'node:fs';

export interface ReferenceTensor {
  data: Float32Array;
  shape: number[];
}

/** An f32 safetensors file as written by the fixture scripts; a reader of its own, so that the engine's is not its own witness. */
export function readReference(path: string): Map<string, ReferenceTensor> {
  const bytes = readFileSync(path);
  const headerSize = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerSize)) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, ReferenceTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [first, end] = entry.data_offsets;
    const copy = bytes.buffer.slice(bytes.byteOffset + 8 + headerSize + first, bytes.byteOffset + 8 + headerSize + end);
    tensors.set(name, { data: new Float32Array(copy as ArrayBuffer), shape: entry.shape });
  }
  return tensors;
}

/** max |got - reference| / max |reference|; NaN anywhere gives Infinity. */
export function relativeError(got: Float32Array, reference: Float32Array): number {
  if (got.length !== reference.length) throw new Error(`expected ${reference.length} values, got ${got.length}`);
  let largestGap = 0;
  let largest = 0;
  for (let i = 0; i < got.length; i++) {
    const gap = Math.abs((got[i] as number) - (reference[i] as number));
    if (!(gap <= Number.MAX_VALUE)) return Number.POSITIVE_INFINITY;
    largestGap = Math.max(largestGap, gap);
    largest = Math.max(largest, Math.abs(reference[i] as number));
  }
  return largest === 0 ? largestGap : largestGap / largest;
}

/** Smallest cosine between corresponding rows of `width` values. */
export function smallestRowCosine(got: Float32Array, reference: Float32Array, width: number): number {
  let smallest = 1;
  for (let row = 0; row < got.length; row += width) {
    let dot = 0;
    let a = 0;
    let b = 0;
    for (let i = row; i < row + width; i++) {
      dot += (got[i] as number) * (reference[i] as number);
      a += (got[i] as number) ** 2;
      b += (reference[i] as number) ** 2;
    }
    smallest = Math.min(smallest, dot / Math.sqrt(a * b));
  }
  return smallest;
}

/** The rows of a right-padded `[batch, pos, width]` without their pads, one after the other; throws when a pad is not 0. */
export function withoutPads(tensor: ReferenceTensor, lengths: readonly number[]): Float32Array {
  const [, positions = 0, width = 0] = tensor.shape;
  const out = new Float32Array(lengths.reduce((sum, length) => sum + length, 0) * width);
  let filled = 0;
  lengths.forEach((length, row) => {
    const start = row * positions * width;
    out.set(tensor.data.subarray(start, start + length * width), filled);
    filled += length * width;
    const pads = tensor.data.subarray(start + length * width, start + positions * width);
    if (pads.some((value) => value !== 0)) throw new Error(`row ${row}: expected pads of 0`);
  });
  return out;
}

export interface GreedyReference {
  ids: number[];
  /** Gap between the two largest logits at each step. */
  gaps: number[];
}

export interface GreedyVerdict {
  agrees: boolean;
  /** Index of the first different token; -1 when there is none. */
  firstDifference: number;
  /** The reference's logit gap there. */
  gap: number;
}

/** Equal to the reference, or first different where the reference itself is a tie. */
export function compareGreedy(ids: readonly number[], reference: GreedyReference, tie = 1e-3): GreedyVerdict {
  const length = Math.max(ids.length, reference.ids.length);
  for (let step = 0; step < length; step++) {
    if (ids[step] === reference.ids[step]) continue;
    const gap = reference.gaps[step] ?? Number.POSITIVE_INFINITY;
    return { agrees: gap <= tie, firstDifference: step, gap };
  }
  return { agrees: true, firstDifference: -1, gap: 0 };
}
