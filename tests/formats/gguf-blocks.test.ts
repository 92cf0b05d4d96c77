import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { repackBlocks } from '../../src/formats/block-repack';
import { readSafetensorsHeader, type SafetensorsEntry } from '../../src/formats/safetensors';
import { type StoredTensor, TensorStore } from '../../src/formats/tensor-store';
import type { StoredType } from '../../src/formats/weight-store';
import { FIXTURES, memorySource } from './byte-sources';

const TYPES: StoredType[] = ['F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q2_K', 'Q3_K', 'Q4_K', 'Q5_K', 'Q6_K'];
const source = memorySource(readFileSync(join(FIXTURES, 'blocks.safetensors')));
let entries: Map<string, SafetensorsEntry>;

beforeAll(async () => {
  entries = new Map((await readSafetensorsHeader(source)).map((entry) => [entry.name, entry]));
});

/** The stored blocks of one type as a matrix, and the values that the gguf package reads from them. */
async function stored(type: StoredType): Promise<{ store: TensorStore; rows: number; values: Float32Array; bytes: Uint8Array }> {
  const blocks = entries.get(`${type}/stored`) as SafetensorsEntry;
  const reference = entries.get(`${type}/values`) as SafetensorsEntry;
  const tensor: StoredTensor = {
    name: type,
    shape: reference.shape,
    storedType: type,
    sizeBytes: blocks.sizeBytes,
    source,
    offset: blocks.offset,
  };
  const values = await new TensorStore([{ ...reference, name: 'values', storedType: 'F32', source }]).readRows(
    'values',
    0,
    reference.shape[0] as number,
  );
  return {
    store: new TensorStore([tensor]),
    rows: reference.shape[0] as number,
    values,
    bytes: await source.read(blocks.offset, blocks.sizeBytes),
  };
}

describe('stored types', () => {
  it.each(TYPES)('%s reads as the gguf package reads it, to the last bit', async (type) => {
    const { store, rows, values } = await stored(type);
    expect(await store.readRows(type, 0, rows)).toEqual(values);
  });

  it.each(TYPES)('%s gives single rows from the middle', async (type) => {
    const { store, values } = await stored(type);
    expect(await store.readRows(type, 1, 1)).toEqual(values.slice(values.length / 3, (2 * values.length) / 3));
  });

  it.each(['Q8_0', 'Q4_0'] as const)('%s passes to MatMulNBits blocks without loss', async (type) => {
    const { store, rows, values } = await stored(type);
    const blocks = await store.readBlockRows(type, 0, rows);
    expect(blocks?.bits).toBe(type === 'Q8_0' ? 8 : 4);
    const back = Float32Array.from(values, (_, index) => {
      const scale = blocks?.scales[index >> 5] as number;
      if (blocks?.bits === 8) return scale * ((blocks.quants[index] as number) - 128);
      return scale * ((((blocks?.quants[index >> 1] as number) >> (4 * (index & 1))) & 15) - 8);
    });
    expect(back).toEqual(values);
  });

  it('gives no blocks for types that would lose something', async () => {
    const { store } = await stored('Q4_K');
    expect(await store.readBlockRows('Q4_K', 0, 1)).toBeNull();
  });

  it('refuses a scale that is not finite, naming tensor and block', async () => {
    const { bytes } = await stored('Q8_0');
    const broken = bytes.slice();
    broken.set([0x00, 0x7c], 34);
    expect(() => repackBlocks(broken, 'Q8_0', 'w')).toThrow(/w, block 1: expected a finite scale, got Infinity/);
    const store = new TensorStore([
      { name: 'w', shape: [3, 512], storedType: 'Q8_0', sizeBytes: broken.length, source: memorySource(broken, 'm.gguf'), offset: 0 },
    ]);
    await expect(store.readRows('w', 0, 3)).rejects.toThrow(/m.gguf: tensor "w", row 0: expected finite numbers/);
  });
});
