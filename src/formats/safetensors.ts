import { FormatError, LimitError } from '../core/errors';
import { LIMITS } from '../core/limits';
import type { ByteSource } from './byte-source';
import { Fields, parseJson, shown } from './json-fields';

/** Bytes per element of every type that a safetensors file may hold, readable here or not. */
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
};
const FETCH_AGAIN = 'The file is damaged or no safetensors file: fetch it again.';

/** One tensor's place in a safetensors file; `offset` counts from the file's first byte. */
export interface SafetensorsEntry {
  name: string;
  dtype: string;
  shape: number[];
  offset: number;
  sizeBytes: number;
}

/**
 * Reads and checks a safetensors header: a little-endian u64 length, JSON, then the tensors without holes or overlaps.
 * @throws FormatError naming tensor and byte offset; LimitError for a header or a table above the limits.
 */
export async function readSafetensorsHeader(source: ByteSource, signal?: AbortSignal): Promise<SafetensorsEntry[]> {
  const { name: file, sizeBytes } = source;
  if (sizeBytes < 10) throw new FormatError(`${file}: expected a header of at least 10 bytes, got a file of ${sizeBytes}.`, FETCH_AGAIN);
  const prefix = await source.read(0, 10, signal);
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  if (prefix[8] !== 0x7b) throw new FormatError(`${file}: expected "{" at byte 8, got ${describeStart(prefix)}.`, FETCH_AGAIN);
  const headerBytes = view.getBigUint64(0, true);
  if (headerBytes > BigInt(LIMITS.safetensorsHeaderBytes)) {
    throw new LimitError(
      `${file}: header length at byte 0: expected at most ${LIMITS.safetensorsHeaderBytes} bytes, got ${headerBytes}.`,
      FETCH_AGAIN,
    );
  }
  const dataStart = 8 + Number(headerBytes);
  if (dataStart > sizeBytes) {
    throw new FormatError(
      `${file}: header length at byte 0: expected at most ${sizeBytes - 8} bytes, which the file has, got ${headerBytes}.`,
      FETCH_AGAIN,
    );
  }
  const header = Fields.of(
    parseJson(await source.read(8, Number(headerBytes), signal), `${file} (header)`, LIMITS.safetensorsHeaderBytes),
    `${file} (header)`,
  );
  const names = header.names().filter((name) => name !== '__metadata__');
  if (names.length > LIMITS.tensorCount)
    throw new LimitError(`${file}: expected at most ${LIMITS.tensorCount} tensors, got ${names.length}.`, FETCH_AGAIN);
  const entries = names.map((name) => readEntry(header, name, dataStart, sizeBytes - dataStart));
  entries.sort((a, b) => a.offset - b.offset || a.sizeBytes - b.sizeBytes);
  let end = dataStart;
  for (const entry of entries) {
    if (entry.offset !== end) {
      const what = entry.offset < end ? 'an overlap with the tensor before' : 'a hole';
      throw new FormatError(
        `${file}: tensor "${shown(entry.name)}": expected its data at byte ${end}, got ${what} (byte ${entry.offset}).`,
        FETCH_AGAIN,
      );
    }
    end += entry.sizeBytes;
  }
  if (end !== sizeBytes)
    throw new FormatError(
      `${file}: expected the tensors to end with the file at byte ${sizeBytes}, got an end at byte ${end}.`,
      FETCH_AGAIN,
    );
  return entries;
}

function readEntry(header: Fields, name: string, dataStart: number, dataBytes: number): SafetensorsEntry {
  const fields = header.object(name);
  if (!fields) throw header.refuse(name, 'an object');
  const dtype = fields.string('dtype');
  const elementBytes = Object.hasOwn(ELEMENT_BYTES, dtype) ? ELEMENT_BYTES[dtype] : undefined;
  if (elementBytes === undefined) throw fields.refuse('dtype', `one of ${Object.keys(ELEMENT_BYTES).join(', ')}`);
  const shape = wholeNumbers(fields, 'shape', 8);
  const offsets = wholeNumbers(fields, 'data_offsets', 2);
  const [begin, end] = offsets;
  if (offsets.length !== 2 || begin === undefined || end === undefined || begin > end)
    throw fields.refuse('data_offsets', 'a begin and an end after it');
  if (end > dataBytes) {
    throw new FormatError(
      `${header.file}: field "${fields.pathOf('data_offsets')}": expected an end within ${dataBytes} bytes of data, got ${end}.`,
      'The file is cut short: fetch it again.',
    );
  }
  const sizeBytes = shape.reduce((product, size) => product * size, elementBytes);
  if (sizeBytes !== end - begin) {
    throw new FormatError(
      `${header.file}: field "${fields.pathOf('data_offsets')}": expected ${sizeBytes} bytes for ${dtype} [${shape}], got ${end - begin}.`,
      FETCH_AGAIN,
    );
  }
  return { name, dtype, shape, offset: dataStart + begin, sizeBytes };
}

function wholeNumbers(fields: Fields, field: string, maxLength: number): number[] {
  const values = fields.array(field);
  const good = values?.every((value): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0);
  if (!values || !good || values.length > maxLength) throw fields.refuse(field, `at most ${maxLength} whole numbers of 0 or more`);
  return values as number[];
}

/** What a file seems to be, from its first bytes. */
function describeStart(prefix: Uint8Array): string {
  const text = String.fromCharCode(...prefix);
  if (/^\s*<(!d|h|\?x)/i.test(text)) return 'an HTML page';
  if (text.startsWith('GGUF')) return 'a GGUF file';
  if (text.startsWith('PK')) return 'a ZIP archive (perhaps a PyTorch .bin)';
  if (text.startsWith('version ht')) return 'a Git LFS pointer';
  return `0x${(prefix[8] ?? 0).toString(16).padStart(2, '0')}`;
}
