import { writeBlockRow } from '../../formats/block-quantise';
import type { BlockRows } from '../../formats/weight-store';
import type { RowStore } from './row-store';

/** Rows that came together: how they are stored and where they begin. */
interface Part {
  firstRow: number;
  kind: 'f32' | 'bf16' | 'blocks4' | 'blocks8';
  offset: number;
}

/**
 * The token embedding, looked up outside the graph: rows `[tokens, dModel]` times the family's scale.
 * Kept in the smallest form that loses nothing: the file's own blocks where it has them, bf16 when every value fits it.
 */
export class EmbeddingTable {
  private readonly parts: Part[] = [];
  private rowCount = 0;
  private readonly blocks: number;

  constructor(
    private readonly dModel: number,
    private readonly scale: number,
    private readonly store: RowStore,
  ) {
    this.blocks = Math.ceil(dModel / 32);
  }

  /** Appends rows; the values are copied. */
  append(rows: number, values: Float32Array | BlockRows): void {
    const firstRow = this.rowCount;
    this.rowCount += rows;
    if (values instanceof Float32Array) {
      const halves = asBf16(values);
      this.parts.push({ firstRow, kind: halves ? 'bf16' : 'f32', offset: this.store.append(bytesOf(halves ?? values)) });
    } else this.parts.push({ firstRow, kind: `blocks${values.bits}`, offset: this.store.append(this.blockRecords(rows, values)) });
  }

  /** Writes each token's row into `target` `[ids.length, dModel]`; a negative id leaves its row as it is. */
  lookUp(ids: Int32Array, target: Float32Array): void {
    for (let token = 0; token < ids.length; token++) {
      const id = ids[token] as number;
      if (id >= 0) this.writeRow(id, target, token * this.dModel);
    }
  }

  dispose(): Promise<void> {
    return this.store.dispose();
  }

  private writeRow(id: number, target: Float32Array, offset: number): void {
    const { dModel, scale } = this;
    const part = this.parts.findLast(({ firstRow }) => firstRow <= id);
    if (!part || id >= this.rowCount) throw new RangeError(`token id ${id}: expected an id of this vocabulary.`);
    const stored = new Uint8Array(this.rowBytes(part.kind));
    this.store.read(part.offset + (id - part.firstRow) * stored.length, stored);
    if (part.kind === 'f32') target.set(new Float32Array(stored.buffer), offset);
    else if (part.kind === 'bf16') {
      const halves = new Uint16Array(stored.buffer);
      const words = new Uint32Array(target.buffer, target.byteOffset + offset * 4, dModel);
      for (let i = 0; i < dModel; i++) words[i] = (halves[i] as number) << 16;
    } else {
      const scales = new Float32Array(stored.buffer, 0, this.blocks);
      const quants = stored.subarray(this.blocks * 4);
      writeBlockRow({ bits: part.kind === 'blocks8' ? 8 : 4, quants, scales }, 0, dModel, target, offset);
    }
    if (scale !== 1) for (let i = offset; i < offset + dModel; i++) target[i] = (target[i] as number) * scale;
  }

  private rowBytes(kind: Part['kind']): number {
    if (kind === 'f32') return this.dModel * 4;
    if (kind === 'bf16') return this.dModel * 2;
    return this.blocks * (4 + (kind === 'blocks8' ? 32 : 16));
  }

  /** Each row's scales followed by its quants. */
  private blockRecords(rows: number, { bits, quants, scales }: BlockRows): Uint8Array {
    const { blocks } = this;
    const quantBytes = blocks * 4 * bits;
    const rowBytes = blocks * 4 + quantBytes;
    const records = new Uint8Array(rows * rowBytes);
    const scaleBytes = bytesOf(scales);
    for (let row = 0; row < rows; row++) {
      records.set(scaleBytes.subarray(row * blocks * 4, (row + 1) * blocks * 4), row * rowBytes);
      records.set(quants.subarray(row * quantBytes, (row + 1) * quantBytes), row * rowBytes + blocks * 4);
    }
    return records;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The upper halves of all values, or null when a lower half is in use. */
function asBf16(values: Float32Array): Uint16Array | null {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(words.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    if (word & 0xffff) return null;
    halves[i] = word >>> 16;
  }
  return halves;
}
