import { elementCount } from '../../core/tensor';
import { blockValues, quantiseBlocks } from '../../formats/block-quantise';
import type { BlockRows } from '../../formats/weight-store';
import type { GraphWeights, WeightPiece } from '../../graph/decoder-author';
import { type ElementType, type ExternalTensor, tensorBytes } from '../../graph/graph-builder';
import type { Checkpoint } from '../../models/checkpoint';
import { EMBEDDING_NAME, HEAD_NAME, type PlannedWeight, planWeights } from '../../models/weight-plan';
import type { WeightFormat } from '../api';
import { EmbeddingTable } from './embedding-table';
import { HandedOverBytes, type HandOver } from './handed-over-bytes';
import { RowStore } from './row-store';

/** Rows are read and converted in portions of about this many f32 bytes, which bounds the memory beside the weights. */
const PORTION_BYTES = 8 * 1024 * 1024;

export interface ImageOptions {
  format: WeightFormat;
  /** Rows of each piece that the head is cut into. */
  headRows(piece: number): number;
  /** Zero units added to each block's MLP, f32 only. */
  mlpPadding?(block: number): number;
  /** Filled on the way; null when it was filled before. */
  embedding: EmbeddingTable | null;
  signal?: AbortSignal;
  /** Called after each portion with the stored bytes converted so far. */
  onProgress?(file: string, loadedBytes: number, totalBytes: number): void;
}

/** Converted weights, each in a buffer of its own, as sessions take them. */
export class WeightImage implements GraphWeights {
  private readonly buffers = new Map<string, Uint8Array<ArrayBuffer>>();
  private readonly tensors = new Map<string, ExternalTensor>();
  private readonly matrices = new Map<string, WeightPiece[]>();

  vector(name: string): ExternalTensor {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new RangeError(`weight ${name}: expected it in the plan.`);
    return tensor;
  }

  matrix(name: string): WeightPiece[] {
    const pieces = this.matrices.get(name);
    if (!pieces) throw new RangeError(`weight ${name}: expected it in the plan.`);
    return pieces;
  }

  /** A zeroed tensor to be filled in place. */
  allocate(name: string, elementType: ElementType, shape: number[]): { tensor: ExternalTensor; bytes: Uint8Array } {
    const sizeBytes = tensorBytes(elementType, shape);
    const bytes = new Uint8Array(sizeBytes);
    const tensor = { elementType, shape, location: name, offset: 0, sizeBytes };
    this.buffers.set(name, bytes);
    this.tensors.set(name, tensor);
    return { tensor, bytes };
  }

  addPieces(name: string, pieces: WeightPiece[]): void {
    this.matrices.set(name, pieces);
  }

  /**
   * Files for a session's `externalData`. With a hand-over they serve one session only: each tensor is freed once the runtime has
   * its own copy.
   */
  files(handOver?: HandOver): Array<{ path: string; data: Uint8Array }> {
    const files = [...this.buffers].map(([path, data]) => ({ path, data: handOver ? new HandedOverBytes(data, handOver) : data }));
    if (handOver) this.buffers.clear();
    return files;
  }

  get sizeBytes(): number {
    let sum = 0;
    for (const { sizeBytes } of this.tensors.values()) sum += sizeBytes;
    return sum;
  }
}

/** Streams a checkpoint into a weight image, and into an embedding table unless it is there already; nothing is held twice. */
export async function loadWeights(checkpoint: Checkpoint, options: ImageOptions): Promise<WeightImage> {
  return new WeightLoader(checkpoint, options).load();
}

/** An empty embedding table for a checkpoint; `loadWeights` fills it. */
export async function openEmbedding({ config, weights }: Checkpoint): Promise<EmbeddingTable> {
  const store = await RowStore.open(weights.entry(EMBEDDING_NAME)?.sizeBytes ?? 0);
  return new EmbeddingTable(config.dModel, Math.fround(config.embeddingScale), store);
}

class WeightLoader {
  private readonly image = new WeightImage();
  private loadedBytes = 0;

  constructor(
    private readonly checkpoint: Checkpoint,
    private readonly options: ImageOptions,
  ) {}

  async load(): Promise<WeightImage> {
    const { config } = this.checkpoint;
    const { embedding } = this.options;
    const shape = [config.vocabSize, config.dModel];
    if (embedding || config.tiedHead)
      await this.matrix({ name: EMBEDDING_NAME, role: 'head', shape, paddedShape: shape }, embedding, config.tiedHead);
    for (const weight of planWeights(config, this.options.mlpPadding)) {
      if (weight.role === 'head') {
        if (!config.tiedHead) await this.matrix(weight, null, true);
      } else if (weight.role === 'matrix') await this.matrix(weight, null, true);
      else await this.vector(weight);
    }
    return this.image;
  }

  private async vector({ name, role, shape, paddedShape }: PlannedWeight): Promise<void> {
    const values = await this.checkpoint.weights.readRows(name, 0, 1, this.options.signal);
    const { bytes } = this.image.allocate(name, 'float32', paddedShape);
    const target = new Float32Array(bytes.buffer);
    const offset = role === 'norm' ? this.checkpoint.config.normWeightOffset : 0;
    for (let i = 0; i < elementCount(shape); i++) target[i] = (values[i] as number) + offset;
    this.progress(name, elementCount(shape), elementCount(shape));
  }

  /** Streams a matrix into the embedding table, the image, or both (a tied head is one read for two uses). */
  private async matrix(weight: PlannedWeight, embedding: EmbeddingTable | null, toImage: boolean): Promise<void> {
    const [dOut = 0, dIn = 0] = weight.shape;
    const [paddedOut = 0, paddedIn = 0] = weight.paddedShape;
    const { format } = this.options;
    const bits = format === 'f32' ? null : format === 'q4' && weight.role === 'matrix' ? 4 : 8;
    const headRows = (index: number) => (weight.role === 'head' ? Math.max(1, this.options.headRows(index)) : dOut);
    const portionRows = Math.max(1, Math.floor(PORTION_BYTES / (dIn * 4)));
    const imageName = weight.name === EMBEDDING_NAME ? HEAD_NAME : weight.name;
    const pieces: WeightPiece[] = [];
    for (let first = 0, index = 0; first < dOut; first += headRows(index), index++) {
      const rows = Math.min(headRows(index), dOut - first);
      const size = { rows: first + rows === dOut ? paddedOut - first : rows, dIn, paddedIn };
      const writer = toImage ? this.pieceWriter(`${imageName}.${index}`, size, bits, pieces) : null;
      for (let done = 0; done < rows; done += portionRows) {
        const count = Math.min(portionRows, rows - done);
        const { stored, portion } = await this.portion(weight.name, first + done, count, dIn, bits, embedding !== null);
        writer?.(done, portion);
        embedding?.append(count, stored ?? portion);
        free(portion);
        if (stored && stored !== portion) free(stored);
        this.progress(weight.name, count * dIn, dOut * dIn);
      }
    }
    if (toImage) this.image.addPieces(imageName, pieces);
  }

  /** Rows in the wanted format, and the file's own blocks where they were read. */
  private async portion(
    name: string,
    first: number,
    count: number,
    dIn: number,
    bits: 4 | 8 | null,
    toEmbedding: boolean,
  ): Promise<{ stored: BlockRows | null; portion: Float32Array | BlockRows }> {
    const { weights } = this.checkpoint;
    const { signal } = this.options;
    const stored = bits !== null || toEmbedding ? await weights.readBlockRows(name, first, count, signal) : null;
    if (stored?.bits === bits) return { stored, portion: stored };
    const values = stored ? blockValues(stored, count, dIn) : await weights.readRows(name, first, count, signal);
    return { stored, portion: bits === null ? values : quantiseBlocks(values, count, dIn, bits) };
  }

  private pieceWriter(
    name: string,
    { rows, dIn, paddedIn }: { rows: number; dIn: number; paddedIn: number },
    bits: 4 | 8 | null,
    pieces: WeightPiece[],
  ): (row: number, portion: Float32Array | BlockRows) => void {
    if (bits === null) {
      const { tensor, bytes } = this.image.allocate(name, 'float32', [rows, paddedIn]);
      pieces.push({ kind: 'f32', rows, values: tensor });
      const target = new Float32Array(bytes.buffer);
      return (row, portion) => {
        if (!(portion instanceof Float32Array)) return;
        if (paddedIn === dIn) target.set(portion, row * dIn);
        else
          for (let from = 0, to = row * paddedIn; from < portion.length; from += dIn, to += paddedIn)
            target.set(portion.subarray(from, from + dIn), to);
      };
    }
    const blocks = Math.ceil(dIn / 32);
    const quants = this.image.allocate(`${name}.quants`, 'uint8', [rows, blocks, 4 * bits]);
    const scales = this.image.allocate(`${name}.scales`, 'float32', [rows, blocks]);
    pieces.push({ kind: 'blocks', rows, bits, quants: quants.tensor, scales: scales.tensor });
    const scaleTarget = new Float32Array(scales.bytes.buffer);
    return (row, portion) => {
      if (portion instanceof Float32Array) return;
      quants.bytes.set(portion.quants, row * blocks * 4 * bits);
      scaleTarget.set(portion.scales, row * blocks);
    };
  }

  private progress(name: string, elements: number, ofElements: number): void {
    const entry = this.checkpoint.weights.entry(name);
    this.loadedBytes += ((entry?.sizeBytes ?? 0) * elements) / Math.max(1, ofElements);
    this.options.signal?.throwIfAborted();
    this.options.onProgress?.(name, Math.round(this.loadedBytes), this.checkpoint.weights.totalBytes);
  }
}

/** Gives a converted portion's memory back at once instead of when the collector comes round. */
function free(portion: Float32Array | BlockRows): void {
  for (const { buffer } of portion instanceof Float32Array ? [portion] : [portion.quants, portion.scales])
    if (buffer instanceof ArrayBuffer) buffer.transfer?.(0);
}
