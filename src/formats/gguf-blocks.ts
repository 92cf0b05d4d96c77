import { HALVES } from './half-floats';
import type { StoredType } from './weight-store';

/** Elements and bytes of one block of every stored type; plain types are blocks of one. */
export const BLOCK_FORMATS: Readonly<Record<StoredType, { blockElements: number; blockBytes: number }>> = {
  F32: { blockElements: 1, blockBytes: 4 },
  F16: { blockElements: 1, blockBytes: 2 },
  BF16: { blockElements: 1, blockBytes: 2 },
  Q8_0: { blockElements: 32, blockBytes: 34 },
  Q4_0: { blockElements: 32, blockBytes: 18 },
  Q4_1: { blockElements: 32, blockBytes: 20 },
  Q5_0: { blockElements: 32, blockBytes: 22 },
  Q5_1: { blockElements: 32, blockBytes: 24 },
  Q2_K: { blockElements: 256, blockBytes: 84 },
  Q3_K: { blockElements: 256, blockBytes: 110 },
  Q4_K: { blockElements: 256, blockBytes: 144 },
  Q5_K: { blockElements: 256, blockBytes: 176 },
  Q6_K: { blockElements: 256, blockBytes: 210 },
};

type Quantised = Exclude<StoredType, 'F32' | 'F16' | 'BF16'>;
type Bytes = Uint8Array;

/** Whole blocks of a quantised type to f32, in ggml's order of operations. @source ggml-quants.c (layouts as in the gguf package) */
export function dequantise(type: Quantised, bytes: Bytes): Float32Array {
  const { blockElements, blockBytes } = BLOCK_FORMATS[type];
  const blocks = Math.floor(bytes.length / blockBytes);
  const out = new Float32Array(blocks * blockElements);
  const unpack = UNPACK[type];
  for (let block = 0; block < blocks; block++) unpack(bytes, block * blockBytes, out, block * blockElements);
  return out;
}

const { fround } = Math;
const at = (bytes: Bytes, index: number): number => bytes[index] as number;
const signed = (byte: number): number => (byte << 24) >> 24;

const half = (bytes: Bytes, offset: number): number => HALVES[at(bytes, offset) | (at(bytes, offset + 1) << 8)] as number;

type Unpack = (bytes: Bytes, from: number, out: Float32Array, to: number) => void;

const UNPACK: Record<Quantised, Unpack> = {
  /** d, 32 signed bytes: d q. */
  Q8_0(bytes, from, out, to) {
    const d = half(bytes, from);
    for (let i = 0; i < 32; i++) out[to + i] = d * signed(at(bytes, from + 2 + i));
  },
  /** d, 16 bytes of nibbles: d (q - 8). */
  Q4_0(bytes, from, out, to) {
    const d = half(bytes, from);
    for (let i = 0; i < 16; i++) {
      const byte = at(bytes, from + 2 + i);
      out[to + i] = d * ((byte & 15) - 8);
      out[to + i + 16] = d * ((byte >> 4) - 8);
    }
  },
  /** d, m, 16 bytes of nibbles: d q + m. */
  Q4_1(bytes, from, out, to) {
    const d = half(bytes, from);
    const m = half(bytes, from + 2);
    for (let i = 0; i < 16; i++) {
      const byte = at(bytes, from + 4 + i);
      out[to + i] = fround(d * (byte & 15)) + m;
      out[to + i + 16] = fround(d * (byte >> 4)) + m;
    }
  },
  /** d, 32 fifth bits, 16 bytes of nibbles: d (q - 16). */
  Q5_0(bytes, from, out, to) {
    const d = half(bytes, from);
    for (let i = 0; i < 16; i++) {
      const byte = at(bytes, from + 6 + i);
      out[to + i] = d * (((byte & 15) | (fifthBit(bytes, from + 2, i) << 4)) - 16);
      out[to + i + 16] = d * (((byte >> 4) | (fifthBit(bytes, from + 2, i + 16) << 4)) - 16);
    }
  },
  /** d, m, 32 fifth bits, 16 bytes of nibbles: d q + m. */
  Q5_1(bytes, from, out, to) {
    const d = half(bytes, from);
    const m = half(bytes, from + 2);
    for (let i = 0; i < 16; i++) {
      const byte = at(bytes, from + 8 + i);
      out[to + i] = fround(d * ((byte & 15) | (fifthBit(bytes, from + 4, i) << 4))) + m;
      out[to + i + 16] = fround(d * ((byte >> 4) | (fifthBit(bytes, from + 4, i + 16) << 4))) + m;
    }
  },
  /** 16 nibble pairs (scale, min), 64 bytes of 2-bit quants, d, dmin: d s q - dmin m. */
  Q2_K(bytes, from, out, to) {
    const d = half(bytes, from + 80);
    const dmin = half(bytes, from + 82);
    for (let group = 0; group < 16; group++) {
      const packed = at(bytes, from + group);
      const scale = fround(d * (packed & 15));
      const min = fround(dmin * (packed >> 4));
      const quants = from + 16 + (group >> 3) * 32 + (group & 1) * 16;
      const shift = ((group >> 1) & 3) * 2;
      for (let i = 0; i < 16; i++) out[to + group * 16 + i] = fround(scale * ((at(bytes, quants + i) >> shift) & 3)) - min;
    }
  },
  /** 32 bytes of high bits, 64 bytes of 2-bit quants, 16 scales of 6 bits, d: d (s - 32) (q - 4 where the high bit is clear). */
  Q3_K(bytes, from, out, to) {
    const d = half(bytes, from + 108);
    for (let group = 0; group < 16; group++) {
      const low = (at(bytes, from + 96 + (group & 7)) >> (group < 8 ? 0 : 4)) & 15;
      const high = (at(bytes, from + 104 + (group & 3)) >> ((group >> 2) * 2)) & 3;
      const scale = fround(d * ((low | (high << 4)) - 32));
      const quants = from + 32 + (group >> 3) * 32 + (group & 1) * 16;
      const shift = ((group >> 1) & 3) * 2;
      const highBit = group >> 1;
      for (let i = 0; i < 16; i++) {
        const q = (at(bytes, quants + i) >> shift) & 3;
        const lifted = (at(bytes, from + (group & 1) * 16 + i) >> highBit) & 1;
        out[to + group * 16 + i] = scale * (q - (lifted ? 0 : 4));
      }
    }
  },
  /** d, dmin, 8 pairs (scale, min) of 6 bits, 128 bytes of nibbles: d s q - dmin m. */
  Q4_K(bytes, from, out, to) {
    const d = half(bytes, from);
    const dmin = half(bytes, from + 2);
    for (let group = 0; group < 8; group++) {
      const scale = fround(d * sixBitScale(bytes, from + 4, group));
      const min = fround(dmin * sixBitMin(bytes, from + 4, group));
      const quants = from + 16 + (group >> 1) * 32;
      const shift = (group & 1) * 4;
      for (let i = 0; i < 32; i++) out[to + group * 32 + i] = fround(scale * ((at(bytes, quants + i) >> shift) & 15)) - min;
    }
  },
  /** Q4_K with 32 bytes of fifth bits before the nibbles. */
  Q5_K(bytes, from, out, to) {
    const d = half(bytes, from);
    const dmin = half(bytes, from + 2);
    for (let group = 0; group < 8; group++) {
      const scale = fround(d * sixBitScale(bytes, from + 4, group));
      const min = fround(dmin * sixBitMin(bytes, from + 4, group));
      const quants = from + 48 + (group >> 1) * 32;
      const shift = (group & 1) * 4;
      for (let i = 0; i < 32; i++) {
        const q = ((at(bytes, quants + i) >> shift) & 15) | (((at(bytes, from + 16 + i) >> group) & 1) << 4);
        out[to + group * 32 + i] = fround(scale * q) - min;
      }
    }
  },
  /** 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 signed scales, d: d s (q - 32). */
  Q6_K(bytes, from, out, to) {
    const d = half(bytes, from + 208);
    for (let group = 0; group < 16; group++) {
      const scale = fround(d * signed(at(bytes, from + 192 + group)));
      const side = group >> 3;
      const quarter = (group & 7) >> 1;
      const lane = (group & 1) * 16;
      const low = from + side * 64 + (quarter & 1) * 32 + lane;
      const high = from + 128 + side * 32 + lane;
      for (let i = 0; i < 16; i++) {
        const q = ((at(bytes, low + i) >> (quarter < 2 ? 0 : 4)) & 15) | (((at(bytes, high + i) >> (quarter * 2)) & 3) << 4);
        out[to + group * 16 + i] = scale * (q - 32);
      }
    }
  },
};

function fifthBit(bytes: Bytes, from: number, element: number): number {
  return (at(bytes, from + (element >> 3)) >> (element & 7)) & 1;
}

/** Scale of group g among 12 packed bytes: six bits, the upper two of groups 4 to 7 kept in the bytes of groups 0 to 3. */
function sixBitScale(bytes: Bytes, from: number, group: number): number {
  if (group < 4) return at(bytes, from + group) & 63;
  return (at(bytes, from + group + 4) & 15) | ((at(bytes, from + group - 4) >> 6) << 4);
}

/** Min of group g among the same 12 bytes. */
function sixBitMin(bytes: Bytes, from: number, group: number): number {
  if (group < 4) return at(bytes, from + group + 4) & 63;
  return (at(bytes, from + group + 4) >> 4) | ((at(bytes, from + group) >> 6) << 4);
}
