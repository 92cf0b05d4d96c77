import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ByteSource } from '../../src/formats/byte-source';

export const FIXTURES = join(import.meta.dirname, '../fixtures/formats');

/** Bytes in memory as a source. */
export function memorySource(bytes: Uint8Array, name = 'memory'): ByteSource {
  return { name, sizeBytes: bytes.length, read: async (offset, length) => Uint8Array.from(bytes.subarray(offset, offset + length)) };
}

/** A gzipped JSON fixture. */
export function readGzippedJson<T>(path: string): T {
  return JSON.parse(gunzipSync(readFileSync(join(FIXTURES, path))).toString('utf8')) as T;
}

/** A safetensors file in memory: each tensor's bytes by name, in the order given. */
export function safetensors(tensors: Record<string, { dtype: string; shape: number[]; bytes: Uint8Array }>): Uint8Array {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
  }
  return withHeader(JSON.stringify(header), ...Object.values(tensors).map((tensor) => tensor.bytes));
}

/** A safetensors file with this header text, however wrong. */
export function withHeader(header: string, ...data: Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(header);
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(text.length), true);
  return Buffer.concat([prefix, text, ...data]);
}

/** f32 values as little-endian bytes. */
export function f32Bytes(values: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}
