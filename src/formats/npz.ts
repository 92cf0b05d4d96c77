import type { Direction } from '../core/direction';
import { FormatError, LimitError, UnsupportedError } from '../core/errors';
import { LIMITS } from '../core/limits';
import { META_KEY, metaJson, type NamedVector, requireDirections, tensorNames } from './direction-meta';
import { decodeF16 } from './half-floats';
import { f32Bytes } from './safetensors-writer';
import { readZip, writeZip } from './zip';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const HEADER_ALIGNMENT = 64;
const AGAIN = 'Save it again with numpy.savez.';

/** Array types that are read, by NumPy's name without byte order. */
const ELEMENT_BYTES: Readonly<Record<string, number>> = { f2: 2, f4: 4, f8: 8 };

/** A `.npy` file, version 1.0, of little-endian data. */
function npyBytes(descr: string, shape: readonly number[], data: Uint8Array): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const headerBytes = Math.ceil((10 + text.length + 1) / HEADER_ALIGNMENT) * HEADER_ALIGNMENT;
  const bytes = new Uint8Array(headerBytes + data.length).fill(0x20, 10, headerBytes - 1);
  bytes.set(MAGIC);
  bytes[6] = 1;
  new DataView(bytes.buffer).setUint16(8, headerBytes - 10, true);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[headerBytes - 1] = 0x0a;
  bytes.set(data, headerBytes);
  return bytes;
}

/** Text as a zero-dimensional NumPy string, which `numpy.load` reads without pickles. */
function npyText(text: string): Uint8Array {
  const points = [...text].map((character) => character.codePointAt(0) as number);
  const data = new Uint8Array(points.length * 4);
  const view = new DataView(data.buffer);
  for (const [index, point] of points.entries()) view.setUint32(index * 4, point, true);
  return npyBytes(`<U${points.length}`, [], data);
}

/**
 * `numpy.load` gives one float32 array `[dModel]` for each direction, by its name, and under `vane.directions` a string of JSON with the recipes.
 * Nothing is mutated. @throws ArgumentError without directions.
 */
export function writeDirectionNpz(directions: readonly Direction[]): Uint8Array<ArrayBuffer> {
  requireDirections(directions);
  const names = tensorNames(directions);
  const arrays = directions.map((direction, index) => ({
    name: `${names[index]}.npy`,
    bytes: npyBytes('<f4', [direction.values.length], f32Bytes(direction.values)),
  }));
  return writeZip([...arrays, { name: `${META_KEY}.npy`, bytes: npyText(metaJson(directions, names)) }]);
}

interface NpyHeader {
  order: string;
  type: string;
  shape: number[];
  dataStart: number;
}

function readNpyHeader(bytes: Uint8Array, what: string): NpyHeader {
  if (bytes.length < 12 || MAGIC.some((byte, index) => bytes[index] !== byte)) {
    throw new FormatError(`${what} at byte 0: expected a NumPy array, got other bytes.`, AGAIN);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLong = (bytes[6] as number) > 1;
  const lengthBytes = isLong ? 4 : 2;
  const headerBytes = isLong ? view.getUint32(8, true) : view.getUint16(8, true);
  const dataStart = 8 + lengthBytes + headerBytes;
  if (dataStart > bytes.length)
    throw new FormatError(`${what} at byte 8: expected a header of ${headerBytes} bytes, got ${bytes.length}.`, AGAIN);
  const text = new TextDecoder('latin1').decode(bytes.subarray(8 + lengthBytes, dataStart)).slice(0, 10_000);
  const descr = /'descr':\s*'([<>|=]?)([A-Za-z]\d*)'/.exec(text);
  const order = /'fortran_order':\s*(True|False)/.exec(text);
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(text);
  if (!descr || !order || !shape) {
    throw new UnsupportedError(`${what} at byte 10: expected a plain array, got the header ${text.trim().slice(0, 80)}.`, AGAIN);
  }
  const sizes = (shape[1] as string)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(Number);
  if (order[1] === 'True' && sizes.length > 1) {
    throw new UnsupportedError(`${what}: expected rows in C order, got Fortran order.`, 'Save numpy.ascontiguousarray(array).');
  }
  return { order: descr[1] as string, type: descr[2] as string, shape: sizes, dataStart };
}

function readFloats(bytes: Uint8Array, { order, type, dataStart }: NpyHeader, count: number): Float32Array {
  const data = bytes.subarray(dataStart);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const little = order !== '>';
  if (type === 'f2') {
    const pairs = little ? data : Uint8Array.from(data, (_, index) => data[index ^ 1] as number);
    return decodeF16(pairs.slice(0, count * 2));
  }
  return Float32Array.from({ length: count }, (_, i) => (type === 'f4' ? view.getFloat32(i * 4, little) : view.getFloat64(i * 8, little)));
}

/** The vectors of one array: `[dModel]` is one, `[rows, dModel]` one for each row, numbered. */
function readVectors(bytes: Uint8Array, name: string, what: string): NamedVector[] {
  const header = readNpyHeader(bytes, what);
  const elementBytes = ELEMENT_BYTES[header.type];
  if (elementBytes === undefined) {
    throw new UnsupportedError(
      `${what}: expected float16, float32 or float64, got "${header.type}".`,
      'Convert the array with .astype("float32").',
    );
  }
  const [rows, dModel] = header.shape.length === 2 ? header.shape : [1, header.shape[0]];
  if (header.shape.length > 2 || dModel === undefined || rows === undefined) {
    throw new FormatError(
      `${what}: expected shape [dModel] or [rows, dModel], got [${header.shape.join(', ')}].`,
      'Save one array for each direction.',
    );
  }
  if (rows > LIMITS.directionCount || dModel > LIMITS.dModel) {
    throw new LimitError(
      `${what}: expected at most ${LIMITS.directionCount} rows of ${LIMITS.dModel} values, got [${rows}, ${dModel}].`,
      'Split the file.',
    );
  }
  const got = bytes.length - header.dataStart;
  if (got !== rows * dModel * elementBytes) {
    throw new FormatError(
      `${what} at byte ${header.dataStart}: expected ${rows * dModel * elementBytes} bytes of data, got ${got}.`,
      'The file is cut off: copy it again.',
    );
  }
  const values = readFloats(bytes, header, rows * dModel);
  if (header.shape.length === 1) return [{ name, values }];
  return Array.from({ length: rows }, (_, row) => ({ name: `${name}.${row}`, values: values.slice(row * dModel, (row + 1) * dModel) }));
}

function readText(bytes: Uint8Array, what: string): string {
  const header = readNpyHeader(bytes, what);
  const data = bytes.subarray(header.dataStart);
  if (!/^U\d+$/.test(header.type) || header.order === '>' || data.length % 4 !== 0) {
    throw new FormatError(`${what}: expected a little-endian string, got "${header.order}${header.type}".`, AGAIN);
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let text = '';
  for (let at = 0; at < data.length; at += 4) {
    const point = view.getUint32(at, true);
    if (point > 0x10ffff) throw new FormatError(`${what} at byte ${header.dataStart + at}: expected a character, got ${point}.`, AGAIN);
    text += String.fromCodePoint(point);
  }
  return text;
}

/** A file's vectors and, when Vane wrote it, their metadata as JSON. */
export interface VectorFile {
  vectors: NamedVector[];
  json: string | undefined;
}

/**
 * Reads a `.npz` of `numpy.savez` or `savez_compressed`: floats of 16, 32 or 64 bits, `[dModel]` or `[rows, dModel]` each. Pickles are never read.
 * @throws FormatError naming entry and byte offset; LimitError; UnsupportedError for other types and orders.
 */
export async function readNpz(bytes: Uint8Array, fileName: string): Promise<VectorFile> {
  const entries = await readZip(bytes, fileName, LIMITS.directionCount + 1, LIMITS.documentBytes);
  const vectors: NamedVector[] = [];
  let json: string | undefined;
  for (const entry of entries) {
    const name = entry.name.replace(/\.npy$/, '');
    const what = `${fileName}, array "${name.slice(0, 100)}"`;
    if (name === META_KEY) json = readText(entry.bytes, what);
    else vectors.push(...readVectors(entry.bytes, name, what));
  }
  return { vectors, json };
}

/** Reads one `.npy` array; its vectors take the file's name. @throws as `readNpz` does. */
export function readNpy(bytes: Uint8Array, fileName: string): VectorFile {
  return { vectors: readVectors(bytes, fileName.replace(/\.npy$/, ''), fileName), json: undefined };
}
