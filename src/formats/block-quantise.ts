import type { BlockRows } from './weight-store';

const BLOCK = 32;

/**
 * f32 rows to symmetric blocks of 32: value = scale (quant - zero), zero 8 for q4 and 128 for q8.
 * Each block's scale is the least-squares one for its rounded quants, chosen among several roundings (q4) or one (q8).
 * `values` is `[rows, dIn]` and is not changed; a last short block is padded with `zero`.
 */
export function quantiseBlocks(values: Float32Array, rows: number, dIn: number, bits: 4 | 8): BlockRows {
  const blocksPerRow = Math.ceil(dIn / BLOCK);
  const quantBytes = (BLOCK * bits) / 8;
  const quants = new Uint8Array(rows * blocksPerRow * quantBytes);
  const scales = new Float32Array(rows * blocksPerRow);
  const block = new Float64Array(BLOCK);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < blocksPerRow; column++) {
      const from = row * dIn + column * BLOCK;
      const count = Math.min(BLOCK, dIn - column * BLOCK);
      if (count < BLOCK) block.fill(0);
      for (let i = 0; i < count; i++) block[i] = values[from + i] as number;
      const index = row * blocksPerRow + column;
      const scale = Math.fround(bits === 4 ? bestScale(block, 8, FOUR_BIT_STEPS) : bestScale(block, 128, EIGHT_BIT_STEPS));
      scales[index] = scale;
      if (bits === 4) write4(block, scale, quants, index * quantBytes);
      else write8(block, scale, quants, index * quantBytes);
    }
  }
  return { bits, quants, scales };
}

/** Levels that the block's largest value is put on: the asymmetric -8 (-128), and positions around it. More of them gain under 1 %. */
const FOUR_BIT_STEPS = [-8.8, -8.4, -8, -7.6, -7.2] as const;
const EIGHT_BIT_STEPS = [-127.5, 127] as const;
/** Adding and taking off 1.5 * 2^52 leaves a small double rounded to a whole number, many times faster than Math.round. */
const ROUNDER = 6_755_399_441_055_744;

/** The scale whose rounded quants lie nearest to the block, each trial's scale refined by least squares: sum(x q) / sum(q q). */
function bestScale(block: Float64Array, half: number, steps: readonly number[]): number {
  let largest = 0;
  for (let i = 0; i < BLOCK; i++) {
    const value = block[i] as number;
    if ((value < 0 ? -value : value) > (largest < 0 ? -largest : largest)) largest = value;
  }
  if (largest === 0) return 0;
  const top = half - 1;
  let best = 0;
  let bestGain = -1;
  for (let trial = 0; trial < steps.length; trial++) {
    const inverse = (steps[trial] as number) / largest;
    let product = 0;
    let square = 0;
    for (let i = 0; i < BLOCK; i++) {
      const value = block[i] as number;
      let quant = value * inverse + ROUNDER - ROUNDER;
      if (quant > top) quant = top;
      else if (quant < -half) quant = -half;
      product += value * quant;
      square += quant * quant;
    }
    const gain = (product * product) / square;
    if (gain > bestGain) {
      bestGain = gain;
      best = product / square;
    }
  }
  return Number.isFinite(best) ? best : 0;
}

function clampedRound(value: number, half: number): number {
  const quant = value + ROUNDER - ROUNDER;
  return quant < -half ? -half : quant > half - 1 ? half - 1 : quant;
}

function write4(block: Float64Array, scale: number, quants: Uint8Array, to: number): void {
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < BLOCK; i += 2) {
    const low = clampedRound((block[i] as number) * inverse, 8) + 8;
    const high = clampedRound((block[i + 1] as number) * inverse, 8) + 8;
    quants[to + i / 2] = low | (high << 4);
  }
}

function write8(block: Float64Array, scale: number, quants: Uint8Array, to: number): void {
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < BLOCK; i++) quants[to + i] = clampedRound((block[i] as number) * inverse, 128) + 128;
}

/** Writes one row of blocks as f32 into `target` from `offset`: value = scale (quant - zero). `dIn` values; a short last block ends there. */
export function writeBlockRow({ bits, quants, scales }: BlockRows, row: number, dIn: number, target: Float32Array, offset: number): void {
  const blocksPerRow = Math.ceil(dIn / BLOCK);
  const quantBytes = (BLOCK * bits) / 8;
  for (let i = 0; i < dIn; i++) {
    const block = row * blocksPerRow + (i >> 5);
    const inBlock = i & 31;
    const byte = quants[block * quantBytes + (bits === 8 ? inBlock : inBlock >> 1)] as number;
    const quant = bits === 8 ? byte - 128 : (inBlock & 1 ? byte >> 4 : byte & 15) - 8;
    target[offset + i] = quant * (scales[block] as number);
  }
}

/** All rows of blocks as f32 `[rows, dIn]`. */
export function blockValues(blocks: BlockRows, rows: number, dIn: number): Float32Array {
  const values = new Float32Array(rows * dIn);
  for (let row = 0; row < rows; row++) writeBlockRow(blocks, row, dIn, values, row * dIn);
  return values;
}
