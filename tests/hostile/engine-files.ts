import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURE_FOLDER } from '../parity/support/fixtures';
import type { DroppedFile } from '../parity/support/in-page';

export const GOOD = 'qwen3-tied';

/** A checkpoint's files by name, to be broken one at a time. */
export type Folder = Record<string, Buffer>;

function read(...path: string[]): Buffer {
  return readFileSync(join(FIXTURE_FOLDER, ...path));
}

export function goodFolder(): Folder {
  const names = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
  return Object.fromEntries(names.map((name) => [name, read(GOOD, name)]));
}

export function goodAdapter(fixture = GOOD, name = 'rank1'): Folder {
  const names = ['adapter_config.json', 'adapter_model.safetensors'];
  return Object.fromEntries(names.map((file) => [file, read(fixture, 'adapters', name, file)]));
}

export function goodGguf(): Folder {
  return { 'model.gguf': read('gguf-gemma3', 'model.gguf') };
}

export function toDropped(folder: Folder): DroppedFile[] {
  return Object.entries(folder).map(([name, bytes]) => ({ name, base64: bytes.toString('base64') }));
}

type Json = Record<string, unknown>;

/** The folder with its JSON file `name` changed by `change`. */
export function withJson(folder: Folder, name: string, change: (json: Json) => void): Folder {
  const json = JSON.parse(folder[name]?.toString('utf8') ?? '{}') as Json;
  change(json);
  return { ...folder, [name]: Buffer.from(JSON.stringify(json)) };
}

export type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;

/** The folder with a safetensors header changed by `change`; the data stay as they are. */
export function withHeader(folder: Folder, change: (header: Header) => void, name = 'model.safetensors'): Folder {
  const { header, data } = splitSafetensors(folder[name] ?? Buffer.alloc(0));
  change(header);
  return { ...folder, [name]: joinSafetensors(JSON.stringify(header), data) };
}

export function splitSafetensors(file: Buffer): { header: Header; data: Buffer } {
  const size = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + size)) as Header & { __metadata__?: unknown };
  delete header.__metadata__;
  return { header, data: file.subarray(8 + size) };
}

export function joinSafetensors(header: string, data: Buffer): Buffer {
  const text = Buffer.from(header);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([size, text, data]);
}

/** A copy with `count` bytes from `offset` on replaced. */
export function patched(bytes: Buffer, offset: number, replacement: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  replacement.copy(copy, offset);
  return copy;
}

export function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
