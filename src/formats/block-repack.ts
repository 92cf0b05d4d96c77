import { FormatError } from '../core/errors';
import { halfToFloat } from './half-floats';
import type { BlockRows } from './weight-store';

const BLOCK = 32;

/**
 * Q8_0 or Q4_0 blocks as symmetric MatMulNBits blocks, losing nothing.
 * Q8_0 holds an f16 scale and 32 signed bytes; Q4_0 an f16 scale and 16 bytes, element i in the low and i+16 in the high nibbles.
 * @throws FormatError for a scale that is not finite.
 */
export function repackBlocks(bytes: Uint8Array, type: 'Q8_0' | 'Q4_0', what: string): BlockRows {
  const bits = type === 'Q8_0' ? 8 : 4;
  const quantBytes = (BLOCK * bits) / 8;
  const blocks = bytes.length / (2 + quantBytes);
  const quants = new Uint8Array(blocks * quantBytes);
  const scales = new Float32Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const from = block * (2 + quantBytes);
    const scale = halfToFloat((bytes[from] as number) | ((bytes[from + 1] as number) << 8));
    if (!Number.isFinite(scale))
      throw new FormatError(
        `${what}, block ${block}: expected a finite scale, got ${scale}.`,
        'The weights are damaged: take another copy.',
      );
    scales[block] = scale;
    const source = bytes.subarray(from + 2, from + 2 + quantBytes);
    const target = quants.subarray(block * quantBytes, (block + 1) * quantBytes);
    if (bits === 8) for (let i = 0; i < BLOCK; i++) target[i] = (source[i] as number) ^ 0x80;
    else for (let i = 0; i < 16; i++) target[i] = nibble(source, 2 * i) | (nibble(source, 2 * i + 1) << 4);
  }
  return { bits, quants, scales };
}

function nibble(block: Uint8Array, element: number): number {
  const byte = block[element % 16] as number;
  return element < 16 ? byte & 15 : byte >> 4;
}
