import { describe, expect, it } from 'vitest';
import { createRng, gaussian } from '../../src/core/rng';
import { quantiseBlocks } from '../../src/formats/block-quantise';
import type { BlockRows } from '../../src/formats/weight-store';

function dequantised({ bits, quants, scales }: BlockRows, rows: number, dIn: number): Float32Array {
  const blocks = Math.ceil(dIn / 32);
  return Float32Array.from({ length: rows * dIn }, (_, index) => {
    const row = Math.floor(index / dIn);
    const element = row * blocks * 32 + (index % dIn);
    const scale = scales[element >> 5] as number;
    return bits === 8
      ? scale * ((quants[element] as number) - 128)
      : scale * ((((quants[element >> 1] as number) >> (4 * (element & 1))) & 15) - 8);
  });
}

function relativeError(values: Float32Array, other: Float32Array): number {
  let error = 0;
  let size = 0;
  values.forEach((value, index) => {
    error += (value - (other[index] as number)) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(error / size);
}

function gaussians(count: number): Float32Array {
  const rng = createRng(5);
  return Float32Array.from({ length: count }, () => gaussian(rng));
}

/** The plain rule: the largest magnitude on the last level. */
function plainRounding(values: Float32Array, levels: number): Float32Array {
  return values.map((_, index) => {
    const block = values.subarray(index & ~31, (index & ~31) + 32);
    const scale = Math.max(...block.map(Math.abs)) / levels;
    return Math.round((values[index] as number) / scale) * scale;
  });
}

describe('quantiseBlocks', () => {
  it('is nearer to Gaussian weights than rounding on the largest magnitude, at 4 and 8 bits', () => {
    const values = gaussians(32 * 256);
    const four = relativeError(values, dequantised(quantiseBlocks(values, 32, 256, 4), 32, 256));
    const eight = relativeError(values, dequantised(quantiseBlocks(values, 32, 256, 8), 32, 256));
    expect(four).toBeLessThan(0.9 * relativeError(values, plainRounding(values, 7)));
    expect(eight).toBeLessThan(relativeError(values, plainRounding(values, 127)));
    expect(four).toBeLessThan(0.082);
    expect(eight).toBeLessThan(0.0055);
  });

  it('keeps values that lie on a symmetric grid', () => {
    const values = Float32Array.from({ length: 64 }, (_, index) => 0.25 * ((index % 16) - 8));
    expect(dequantised(quantiseBlocks(values, 2, 32, 4), 2, 32)).toEqual(values);
  });

  it.each([1, 31, 33, 80])('pads rows of %i to whole blocks with the zero quant', (dIn) => {
    const values = gaussians(3 * dIn);
    const blocks = quantiseBlocks(values, 3, dIn, 8);
    expect(blocks.scales.length).toBe(3 * Math.ceil(dIn / 32));
    expect(relativeError(values, dequantised(blocks, 3, dIn))).toBeLessThan(0.01);
    const padding = blocks.quants.subarray(dIn, Math.ceil(dIn / 32) * 32);
    expect([...padding].every((quant) => quant === 128)).toBe(true);
  });

  it('stores zeros, tiny and huge values without overflow', () => {
    const values = new Float32Array(96);
    values.fill(1e-40, 32, 64);
    values.fill(3e38, 64, 96);
    const back = dequantised(quantiseBlocks(values, 3, 32, 4), 3, 32);
    expect(back.every(Number.isFinite)).toBe(true);
    expect(back.subarray(0, 32).every((value) => value === 0)).toBe(true);
    expect((back[64] as number) / 3e38).toBeCloseTo(1, 1);
  });
});
