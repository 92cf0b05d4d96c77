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
  const block = new Float32Array(BLOCK);
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

/** Levels that the block's largest value is put on: the asymmetric -8 (-128), and positions around it. */
const FOUR_BIT_STEPS = [-8.6, -8.3, -8, -7.7, -7.4, -7, -6.6, -6.2, 7] as const;
const EIGHT_BIT_STEPS = [-127.5, 127] as const;

/** The scale whose rounded quants lie nearest to the block, each trial's scale refined by least squares: sum(x q) / sum(q q). */
function bestScale(block: Float32Array, half: number, steps: readonly number[]): number {
  let largest = 0;
  for (let i = 0; i < BLOCK; i++) if (Math.abs(block[i] as number) > Math.abs(largest)) largest = block[i] as number;
  if (largest === 0) return 0;
  let best = 0;
  let bestGain = -1;
  for (const step of steps) {
    const inverse = step / largest;
    let product = 0;
    let square = 0;
    for (let i = 0; i < BLOCK; i++) {
      const value = block[i] as number;
      const quant = clampedRound(value * inverse, half);
      product += value * quant;
      square += quant * quant;
    }
    const gain = square > 0 ? (product * product) / square : 0;
    if (gain > bestGain && square > 0) {
      bestGain = gain;
      best = product / square;
    }
  }
  return Number.isFinite(best) ? best : 0;
}

function clampedRound(value: number, half: number): number {
  const quant = Math.round(value);
  return quant < -half ? -half : quant > half - 1 ? half - 1 : quant;
}

function write4(block: Float32Array, scale: number, quants: Uint8Array, to: number): void {
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < BLOCK; i += 2) {
    const low = clampedRound((block[i] as number) * inverse, 8) + 8;
    const high = clampedRound((block[i + 1] as number) * inverse, 8) + 8;
    quants[to + i / 2] = low | (high << 4);
  }
}

function write8(block: Float32Array, scale: number, quants: Uint8Array, to: number): void {
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < BLOCK; i++) quants[to + i] = clampedRound((block[i] as number) * inverse, 128) + 128;
}
