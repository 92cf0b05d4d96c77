import type { Tensor } from 'onnxruntime-web';
import type { OrtRuntime } from './ort-runtime';

/** Keys and values of the tokens seen so far, one pair per block, each `[batch, nKvHeads, slots, headDim]`. */
export class KeyValueCache {
  constructor(
    private readonly runtime: OrtRuntime,
    readonly layers: ReadonlyArray<{ key: Tensor; value: Tensor }>,
    /** Valid tokens of each row. */
    readonly lengths: number[],
    /** For decomposed attention: the position held by each slot, -1 for a pad; `[batch][slots]`. */
    readonly slotPositions: Int32Array[],
  ) {}

  get slots(): number {
    return this.layers[0]?.key.dims[2] ?? 0;
  }

  /** A new cache whose row i is this one's row `rows[i]`; rows may repeat. This cache stays valid. */
  async select(rows: readonly number[]): Promise<KeyValueCache> {
    const layers: Array<{ key: Tensor; value: Tensor }> = [];
    for (const { key, value } of this.layers)
      layers.push({ key: await this.selectTensor(key, rows), value: await this.selectTensor(value, rows) });
    const pick = <T>(items: readonly T[]): T[] => rows.map((row) => items[row] as T);
    return new KeyValueCache(this.runtime, layers, pick(this.lengths), pick(this.slotPositions));
  }

  /** Frees GPU memory; the cache is not used again. */
  dispose(): void {
    for (const { key, value } of this.layers) {
      if (key.location === 'gpu-buffer') key.dispose();
      if (value.location === 'gpu-buffer') value.dispose();
    }
  }

  /** One cache with the rows of this one and then those of `others`; slots are padded to the longest. */
  async concatenate(others: readonly KeyValueCache[]): Promise<KeyValueCache> {
    const all = [this as KeyValueCache, ...others];
    const slots = Math.max(...all.map((cache) => cache.slots));
    const layers: Array<{ key: Tensor; value: Tensor }> = [];
    for (let block = 0; block < this.layers.length; block++) {
      const parts = all.map((cache) => cache.layers[block] as { key: Tensor; value: Tensor });
      layers.push({
        key: await this.stack(
          parts.map(({ key }) => key),
          slots,
        ),
        value: await this.stack(
          parts.map(({ value }) => value),
          slots,
        ),
      });
    }
    const positions = all.flatMap((cache) => cache.slotPositions.map((held) => padded(held, slots)));
    return new KeyValueCache(
      this.runtime,
      layers,
      all.flatMap(({ lengths }) => lengths),
      positions,
    );
  }

  private selectTensor(tensor: Tensor, rows: readonly number[]): Promise<Tensor> {
    const rowBytes = sizeOf(tensor.dims.slice(1)) * 4;
    const copies = rows.map((row, index) => ({ source: tensor, from: row * rowBytes, to: index * rowBytes, bytes: rowBytes }));
    return this.copy([rows.length, ...tensor.dims.slice(1)], copies, tensor.location === 'gpu-buffer');
  }

  private stack(tensors: readonly Tensor[], slots: number): Promise<Tensor> {
    const [first] = tensors as [Tensor];
    const [, heads = 1, , headDim = 1] = first.dims;
    const copies: Copy[] = [];
    let line = 0;
    for (const source of tensors) {
      const bytes = (source.dims[2] as number) * headDim * 4;
      for (let i = 0; i < (source.dims[0] as number) * heads; i++)
        copies.push({ source, from: i * bytes, to: line++ * slots * headDim * 4, bytes });
    }
    return this.copy([line / heads, heads, slots, headDim], copies, first.location === 'gpu-buffer');
  }

  /** A new zeroed tensor filled from parts of others, on the device where they lie. */
  private async copy(dims: number[], copies: readonly Copy[], onGpu: boolean): Promise<Tensor> {
    const { ort, device } = this.runtime;
    if (!onGpu || !device) {
      const target = new Float32Array(sizeOf(dims));
      for (const { source, from, to, bytes } of copies)
        target.set((source.data as Float32Array).subarray(from / 4, (from + bytes) / 4), to / 4);
      return new ort.Tensor('float32', target, dims);
    }
    const size = Math.max(16, Math.ceil(sizeOf(dims) / 4) * 16);
    const buffer = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
    const encoder = device.createCommandEncoder();
    for (const { source, from, to, bytes } of copies) encoder.copyBufferToBuffer(source.gpuBuffer as GPUBuffer, from, buffer, to, bytes);
    device.queue.submit([encoder.finish()]);
    return ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims, dispose: () => buffer.destroy() });
  }
}

interface Copy {
  source: Tensor;
  from: number;
  to: number;
  bytes: number;
}

function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1);
}

function padded(held: Int32Array, slots: number): Int32Array {
  const wide = new Int32Array(held.length === 0 ? 0 : slots).fill(-1);
  wide.set(held);
  return wide;
}
