import { ArgumentError, FormatError } from '../core/errors';
import { repackBlocks } from './block-repack';
import type { ByteSource } from './byte-source';
import { BLOCK_FORMATS, dequantise } from './gguf-blocks';
import { decodeBF16, decodeF16, decodeF32 } from './half-floats';
import type { BlockRows, StoredType, WeightEntry, WeightStore } from './weight-store';

/** A tensor's place and layout in its file. */
export interface StoredTensor extends WeightEntry {
  source: ByteSource;
  offset: number;
  /** llama.cpp interleaves the two halves of each q and k head for its own rotary embedding; rows are read back in Hugging Face order. */
  interleavedHeadDim?: number;
}

/** Bytes of `elements` stored values. */
export function storedBytes(type: StoredType, elements: number): number {
  const { blockElements, blockBytes } = BLOCK_FORMATS[type];
  return (elements / blockElements) * blockBytes;
}

/** A checkpoint's tensors over one or several files. */
export class TensorStore implements WeightStore {
  readonly totalBytes: number;
  private readonly byName: Map<string, StoredTensor>;

  constructor(tensors: Iterable<StoredTensor>) {
    this.byName = new Map(Array.from(tensors, (tensor) => [tensor.name, tensor]));
    let total = 0;
    for (const tensor of this.byName.values()) total += tensor.sizeBytes;
    this.totalBytes = total;
  }

  entries(): Iterable<WeightEntry> {
    return this.byName.values();
  }

  entry(name: string): WeightEntry | undefined {
    return this.byName.get(name);
  }

  async readRows(name: string, firstRow: number, rowCount: number, signal?: AbortSignal): Promise<Float32Array> {
    const { tensor, rowElements } = this.rowsOf(name, firstRow, rowCount);
    const bytes = await this.readRowBytes(tensor, rowElements, firstRow, rowCount, signal);
    const values = decode(tensor.storedType, bytes);
    const ordered =
      tensor.interleavedHeadDim && tensor.shape.length === 1
        ? deinterleaved(values, 1, 0, values.length, tensor.interleavedHeadDim)
        : values;
    for (let i = 0; i < ordered.length; i++) {
      if (!Number.isFinite(ordered[i])) {
        throw new FormatError(
          `${tensor.source.name}: tensor "${name}", row ${firstRow + Math.floor(i / rowElements)}: expected finite numbers, got ${ordered[i]}.`,
          'The weights are damaged or overflowed when they were saved: take another copy.',
        );
      }
    }
    return ordered as Float32Array;
  }

  async readBlockRows(name: string, firstRow: number, rowCount: number, signal?: AbortSignal): Promise<BlockRows | null> {
    const { tensor, rowElements } = this.rowsOf(name, firstRow, rowCount);
    if (tensor.storedType !== 'Q8_0' && tensor.storedType !== 'Q4_0') return null;
    const bytes = await this.readRowBytes(tensor, rowElements, firstRow, rowCount, signal);
    return repackBlocks(bytes, tensor.storedType, `${tensor.source.name}: tensor "${name}"`);
  }

  private rowsOf(name: string, firstRow: number, rowCount: number): { tensor: StoredTensor; rowElements: number } {
    const tensor = this.byName.get(name);
    if (!tensor)
      throw new ArgumentError(
        `tensor "${name}": expected one of the checkpoint's tensors, got an unknown name.`,
        'Use a name from entries().',
      );
    const rowElements = tensor.shape.at(-1) ?? 1;
    const rows = tensor.shape.slice(0, -1).reduce((product, size) => product * size, 1);
    if (!(firstRow >= 0 && rowCount >= 0 && firstRow + rowCount <= rows)) {
      throw new ArgumentError(
        `tensor "${name}": expected rows within 0-${rows}, got ${firstRow}-${firstRow + rowCount}.`,
        'Ask for rows that the tensor has.',
      );
    }
    return { tensor, rowElements };
  }

  /** Stored bytes of some rows in Hugging Face order. */
  private async readRowBytes(
    tensor: StoredTensor,
    rowElements: number,
    firstRow: number,
    rowCount: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    const rowBytes = storedBytes(tensor.storedType, rowElements);
    const headDim = tensor.shape.length > 1 ? tensor.interleavedHeadDim : undefined;
    if (!headDim) return tensor.source.read(tensor.offset + firstRow * rowBytes, rowCount * rowBytes, signal);
    const firstHead = Math.floor(firstRow / headDim);
    const endHead = Math.ceil((firstRow + rowCount) / headDim);
    const heads = await tensor.source.read(
      tensor.offset + firstHead * headDim * rowBytes,
      (endHead - firstHead) * headDim * rowBytes,
      signal,
    );
    return deinterleaved(heads, rowBytes, firstRow - firstHead * headDim, rowCount, headDim);
  }
}

/** Row s*half+j of each head is stored as row 2j+s: picks rows `[first, first+count)` of the original order. */
function deinterleaved<T extends Uint8Array | Float32Array>(rows: T, rowLength: number, first: number, count: number, headDim: number): T {
  const out = rows.slice(0, count * rowLength) as T;
  const half = headDim / 2;
  for (let i = 0; i < count; i++) {
    const row = first + i;
    const inHead = row % headDim;
    const stored = row - inHead + 2 * (inHead % half) + Math.floor(inHead / half);
    out.set(rows.subarray(stored * rowLength, (stored + 1) * rowLength), i * rowLength);
  }
  return out;
}

function decode(type: StoredType, bytes: Uint8Array): Float32Array {
  if (type === 'F32') return decodeF32(bytes);
  if (type === 'F16') return decodeF16(bytes);
  if (type === 'BF16') return decodeBF16(bytes);
  return dequantise(type, bytes);
}
