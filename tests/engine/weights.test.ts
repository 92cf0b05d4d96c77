import { expect, test } from 'vitest';
import { forward } from '../../src/engine/worker/reads';
import { quantiseBlocks } from '../../src/formats/block-quantise';
import type { Checkpoint } from '../../src/models/checkpoint';
import { EMBEDDING_NAME, HEAD_NAME } from '../../src/models/weight-plan';
import { loadFixture, readReference, relativeError } from './node-model';

/** The same checkpoint with every matrix rounded to blocks and unpacked again. */
function rounded(checkpoint: Checkpoint, matrixBits: 4 | 8): Checkpoint {
  const { weights } = checkpoint;
  const readRows: typeof weights.readRows = async (name, firstRow, rowCount, signal) => {
    const values = await weights.readRows(name, firstRow, rowCount, signal);
    const entry = weights.entry(name);
    if (entry?.shape.length !== 2) return values;
    const dIn = entry.shape[1] as number;
    const bits = name === EMBEDDING_NAME || name === HEAD_NAME ? 8 : matrixBits;
    const { quants, scales } = quantiseBlocks(values, rowCount, dIn, bits);
    const blocks = Math.ceil(dIn / 32);
    return values.map((_, index) => {
      const column = index % dIn;
      const block = Math.floor(index / dIn) * blocks + (column >> 5);
      const at = block * 32 + (column & 31);
      const byte = quants[bits === 8 ? at : at >> 1] as number;
      const quant = bits === 8 ? byte - 128 : (at & 1 ? byte >> 4 : byte & 15) - 8;
      return quant * (scales[block] as number);
    });
  };
  const store = {
    readRows,
    totalBytes: weights.totalBytes,
    entries: () => weights.entries(),
    entry: (name: string) => weights.entry(name),
    readBlockRows: async () => null,
  };
  return { ...checkpoint, weights: store, sha256: () => checkpoint.sha256(), close: () => checkpoint.close() };
}

test.each([
  ['q8', 8],
  ['q4', 4],
] as const)('%s kernels compute what f32 computes with the rounded weights, at a width that is no multiple of 32', async (format, bits) => {
  const { rows } = await readReference('qwen2-window');
  const read = async (options: Parameters<typeof loadFixture>[1]) => {
    const model = await loadFixture('qwen2-window', options);
    const result = await forward(model, { ids: rows, hookPoints: ['blocks.*.hook_resid_post'], logits: 'all' });
    await model.dispose();
    return result;
  };
  const packed = await read({ weights: format });
  const unpacked = await read({ weights: 'f32', change: (checkpoint) => rounded(checkpoint, bits) });
  for (const [name, { data }] of Object.entries(unpacked.activations))
    expect(relativeError(packed.activations[name]?.data ?? [], data), name).toBeLessThan(1e-5);
  expect(relativeError(packed.logits?.data ?? [], unpacked.logits?.data ?? [])).toBeLessThan(1e-5);
});

test.each(['qwen2-tied', 'qwen2-window'])(
  '%s: a head cut into pieces, the last of them short, gives the logits of transformers',
  async (fixture) => {
    const { rows } = await readReference(fixture);
    const read = async (headRows?: number) => {
      const model = await loadFixture(fixture, { headRows });
      const result = await forward(model, { ids: rows, logits: 'all' });
      await model.dispose();
      return result.logits?.data ?? new Float32Array();
    };
    expect(relativeError(await read(37), await read())).toBeLessThan(1e-6);
  },
);

test.each([
  ['qwen3-tied', ['rank1', 'patterns']],
  ['llama-tied', []],
])('%s: zero units in the MLPs change neither residuals nor adapters nor biases', async (fixture, adapters) => {
  const { rows } = await readReference(fixture);
  const read = async (mlpPadding?: (block: number) => number) => {
    const model = await loadFixture(fixture, { adapters, mlpPadding });
    const adapterScales = Object.fromEntries(adapters.map((name) => [name, 0.7]));
    const result = await forward(model, { ids: rows, hookPoints: ['blocks.*.hook_resid_post'], logits: 'all', adapterScales });
    await model.dispose();
    return result;
  };
  const plain = await read();
  const padded = await read((block) => 16 * (4 - block));
  for (const [name, { data }] of Object.entries(plain.activations))
    expect(relativeError(padded.activations[name]?.data ?? [], data), name).toBeLessThan(1e-6);
  expect(relativeError(padded.logits?.data ?? [], plain.logits?.data ?? [])).toBeLessThan(1e-6);
});
