import type { Direction } from '../core/direction';
import { ArgumentError } from '../core/errors';
import { LIMITS } from '../core/limits';
import { fromBase64Url, toBase64Url } from './base64url';
import { ByteReader, ByteWriter } from './byte-cursor';
import type { DirectionRecord } from './schema';

/** Packed layouts in order of size; the first that keeps the cosine is used. */
const LAYOUTS = [
  { blockSize: 32, largest: 127 },
  { blockSize: 8, largest: 127 },
  { blockSize: 8, largest: 32_767 },
] as const;

/** Least cosine between a direction and its packed form. */
export const PACKED_COSINE = 0.9999;

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number;
    const y = b[i] as number;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? Number(aa === bb) : dot / Math.sqrt(aa * bb);
}

function packWith(values: Float32Array, layoutIndex: number): Uint8Array<ArrayBuffer> {
  const layout = LAYOUTS[layoutIndex] as (typeof LAYOUTS)[number];
  const blockCount = Math.ceil(values.length / layout.blockSize);
  const maxima = new Float32Array(blockCount);
  for (let i = 0; i < values.length; i++) {
    const block = Math.floor(i / layout.blockSize);
    maxima[block] = Math.max(maxima[block] as number, Math.abs(values[i] as number));
  }
  const maximum = maxima.reduce((a, b) => Math.max(a, b), 0);
  const writer = new ByteWriter();
  writer.byte(layoutIndex);
  writer.varint(values.length);
  writer.float32(maximum);
  // Rounded up, so that no value exceeds the largest quant.
  const ratios = Array.from(maxima, (value) => (maximum === 0 ? 0 : Math.ceil((value / maximum) * 65_535)));
  for (const ratio of ratios) writer.uint16(ratio);
  for (let i = 0; i < values.length; i++) {
    const scale = (maximum * (ratios[Math.floor(i / layout.blockSize)] as number)) / 65_535 / layout.largest;
    const quant = scale === 0 ? 0 : Math.round((values[i] as number) / scale);
    if (layout.largest === 127) writer.byte(quant & 0xff);
    else writer.uint16(quant & 0xffff);
  }
  return writer.finish();
}

/**
 * Packs `[dModel]` to symmetric integers with one scale a block: about 1.06 bytes a value, cosine >= 0.9999.
 * Not mutated. @throws ArgumentError for an empty, too long or non-finite direction.
 */
export function packValues(values: Float32Array): Uint8Array<ArrayBuffer> {
  if (values.length === 0 || values.length > LIMITS.dModel) {
    throw new ArgumentError(`direction: expected 1 to ${LIMITS.dModel} values, got ${values.length}.`, 'Capture it again.');
  }
  const broken = values.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    throw new ArgumentError(`direction: expected finite values, got ${values[broken]} at index ${broken}.`, 'Capture it again.');
  }
  for (let layout = 0; layout < LAYOUTS.length - 1; layout++) {
    const packed = packWith(values, layout);
    if (cosine(values, unpackValues(packed, 'direction')) >= PACKED_COSINE) return packed;
  }
  return packWith(values, LAYOUTS.length - 1);
}

/** `[dModel]` from `packValues`' bytes. @throws FormatError naming `what` and the byte offset. */
export function unpackValues(packed: Uint8Array, what: string): Float32Array {
  const reader = new ByteReader(packed, what);
  const layout = LAYOUTS[reader.byte('layout')] ?? reader.fail('layout', `0 to ${LAYOUTS.length - 1}`, `${packed[0]}`);
  const length = reader.varintUpTo('length', LIMITS.dModel);
  const maximum = reader.float32('maximum');
  if (length === 0 || !Number.isFinite(maximum) || maximum < 0) reader.fail('maximum', 'a finite scale and a length above 0', `${maximum}`);
  const ratios = Array.from({ length: Math.ceil(length / layout.blockSize) }, () => reader.uint16('block scale'));
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const scale = (maximum * (ratios[Math.floor(i / layout.blockSize)] as number)) / 65_535 / layout.largest;
    const quant = layout.largest === 127 ? (reader.byte('value') << 24) >> 24 : (reader.uint16('value') << 16) >> 16;
    values[i] = quant * scale;
  }
  if (reader.remaining > 0) reader.fail('end', 'no more bytes', `${reader.remaining}`);
  return values;
}

/** Digits of the mean projections and the deviation in a document: what single precision can vouch for. */
const DIGITS = 6;

const shortened = (figure: number | null) => (figure === null ? null : Number(figure.toPrecision(DIGITS)));

/**
 * A direction as the document holds it. Packing changes the values a little (cosine >= 0.9999), so run experiments with
 * `toDirection(record)` and never with the original: only then does a link's reader compute the same tokens.
 */
export function toDirectionRecord(direction: Direction): DirectionRecord {
  return {
    ...direction,
    values: toBase64Url(packValues(direction.values)),
    negativeMeanProjection: shortened(direction.negativeMeanProjection),
    positiveMeanProjection: shortened(direction.positiveMeanProjection),
    projectionDeviation: shortened(direction.projectionDeviation),
    recipe: structuredClone(direction.recipe),
  };
}

/** The direction that a record holds. @throws FormatError when its packed values are damaged. */
export function toDirection(record: DirectionRecord): Direction {
  const what = `direction "${record.name}"`;
  return { ...record, values: unpackValues(fromBase64Url(record.values, what), what), recipe: structuredClone(record.recipe) };
}
