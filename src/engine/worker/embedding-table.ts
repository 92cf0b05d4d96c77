import type { BlockRows } from '../../formats/weight-store';

/**
 * The token embedding, looked up outside the graph: rows `[tokens, dModel]` times the family's scale.
 * Kept in the smallest form that loses nothing: bf16 when every value fits it, blocks when the weights are quantised.
 */
export class EmbeddingTable {
  private readonly parts: Array<{ rows: number; values: Float32Array | Uint16Array | BlockRows }> = [];
  private rowsPerPart = 0;

  constructor(
    private readonly dModel: number,
    private readonly scale: number,
  ) {}

  /** Appends rows; every call but the last must bring the same number. */
  append(rows: number, values: Float32Array | BlockRows): void {
    this.rowsPerPart ||= rows;
    this.parts.push({ rows, values: values instanceof Float32Array ? (asBf16(values) ?? values) : values });
  }

  get sizeBytes(): number {
    return this.parts.reduce(
      (sum, { values }) => sum + ('quants' in values ? values.quants.byteLength + values.scales.byteLength : values.byteLength),
      0,
    );
  }

  /** Writes each token's row into `target` `[ids.length, dModel]`; a negative id leaves its row as it is. */
  lookUp(ids: Int32Array, target: Float32Array): void {
    for (let token = 0; token < ids.length; token++) {
      const id = ids[token] as number;
      if (id >= 0) this.writeRow(id, target, token * this.dModel);
    }
  }

  private writeRow(id: number, target: Float32Array, offset: number): void {
    const { dModel, scale } = this;
    const part = this.parts[Math.floor(id / this.rowsPerPart)];
    if (!part) throw new RangeError(`token id ${id}: expected an id of this vocabulary.`);
    const row = id % this.rowsPerPart;
    const { values } = part;
    if (values instanceof Float32Array) {
      for (let i = 0; i < dModel; i++) target[offset + i] = (values[row * dModel + i] as number) * scale;
    } else if (values instanceof Uint16Array) {
      for (let i = 0; i < dModel; i++) {
        BITS[0] = (values[row * dModel + i] as number) << 16;
        target[offset + i] = (BITS_AS_FLOAT[0] as number) * scale;
      }
    } else {
      this.writeBlocks(values, row, target, offset);
    }
  }

  private writeBlocks({ bits, quants, scales }: BlockRows, row: number, target: Float32Array, offset: number): void {
    const blocks = Math.ceil(this.dModel / 32);
    const blockBytes = (32 * bits) / 8;
    const zero = bits === 8 ? 128 : 8;
    for (let i = 0; i < this.dModel; i++) {
      const block = row * blocks + (i >> 5);
      const inBlock = i & 31;
      const byte = quants[block * blockBytes + (bits === 8 ? inBlock : inBlock >> 1)] as number;
      const quant = bits === 8 ? byte : inBlock & 1 ? byte >> 4 : byte & 15;
      target[offset + i] = (quant - zero) * (scales[block] as number) * this.scale;
    }
  }
}

const BITS = new Uint32Array(1);
const BITS_AS_FLOAT = new Float32Array(BITS.buffer);

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
