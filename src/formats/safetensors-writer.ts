import type { Direction } from '../core/direction';
import { META_KEY, metaJson, requireDirections, tensorNames } from './direction-meta';

/** Little-endian f32 bytes of a vector, whatever this machine's byte order. */
export function f32Bytes(values: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setFloat32(index * 4, value, true);
  return bytes;
}

/**
 * One F32 tensor `[dModel]` for each direction, named after it; recipe and hook point stand in the header's metadata under `vane.directions`.
 * Nothing is mutated. @throws ArgumentError without directions.
 */
export function writeDirectionSafetensors(directions: readonly Direction[]): Uint8Array<ArrayBuffer> {
  requireDirections(directions);
  const names = tensorNames(directions);
  let end = 0;
  const tensors = directions.map((direction, index) => {
    const begin = end;
    end += direction.values.length * 4;
    return [names[index] as string, { dtype: 'F32', shape: [direction.values.length], data_offsets: [begin, end] }] as const;
  });
  const header = { __metadata__: { format: 'pt', [META_KEY]: metaJson(directions, names) }, ...Object.fromEntries(tensors) };
  const json = new TextEncoder().encode(JSON.stringify(header));
  // The data begins at a multiple of eight bytes; the header is padded with spaces, as the format asks.
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + end).fill(0x20, 8, 8 + headerBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, 8);
  let at = 8 + headerBytes;
  for (const direction of directions) {
    bytes.set(f32Bytes(direction.values), at);
    at += direction.values.length * 4;
  }
  return bytes;
}
