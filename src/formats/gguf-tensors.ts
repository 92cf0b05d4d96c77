import { FormatError, UnsupportedError } from '../core/errors';
import type { ByteSource } from './byte-source';
import { BLOCK_FORMATS } from './gguf-blocks';
import { type GgufHeader, type GgufTensor, parseGgufHeader } from './gguf-header';
import { shown } from './json-fields';
import { storedBytes } from './tensor-store';
import type { StoredType } from './weight-store';

const TYPE_NAMES: Readonly<Record<number, StoredType>> = {
  0: 'F32',
  1: 'F16',
  2: 'Q4_0',
  3: 'Q4_1',
  6: 'Q5_0',
  7: 'Q5_1',
  8: 'Q8_0',
  10: 'Q2_K',
  11: 'Q3_K',
  12: 'Q4_K',
  13: 'Q5_K',
  14: 'Q6_K',
  30: 'BF16',
};
/** Types that ggml has and this engine does not read, for messages. */
const OTHER_TYPES: Readonly<Record<number, string>> = {
  9: 'Q8_1',
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  20: 'IQ4_NL',
  21: 'IQ3_S',
  22: 'IQ2_S',
  23: 'IQ4_XS',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  29: 'IQ1_M',
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
};
const FIRST_READ_BYTES = 4 * 1024 * 1024;
const FETCH_AGAIN = 'The file is damaged: fetch it again.';

/** A tensor's place in a GGUF file; `offset` counts from the file's first byte. */
export interface PlacedGgufTensor {
  name: string;
  shape: number[];
  storedType: StoredType;
  offset: number;
  sizeBytes: number;
}

/** Reads a file's header, growing what is read until it is complete. */
export async function readGgufHeader(source: ByteSource, signal?: AbortSignal): Promise<GgufHeader> {
  for (let length = FIRST_READ_BYTES; ; length *= 2) {
    const bytes = await source.read(0, Math.min(length, source.sizeBytes), signal);
    const header = parseGgufHeader(bytes, source.sizeBytes, source.name);
    if (header !== 'more') return header;
  }
}

/**
 * Places of all tensors, checked: known types, whole blocks, one after the other as ggml writes them, ending with the file.
 * @throws UnsupportedError for another type; FormatError naming tensor and byte offset.
 */
export function placeGgufTensors(header: GgufHeader, sizeBytes: number, file: string): PlacedGgufTensor[] {
  let end = 0;
  const placed = header.tensors.map((tensor) => {
    const expected = Math.ceil(end / header.alignment) * header.alignment;
    if (tensor.dataOffset !== expected) {
      throw new FormatError(
        `${file}: tensor "${shown(tensor.name)}" at byte ${tensor.headerOffset}: expected its data at ${expected}, got ${tensor.dataOffset}.`,
        FETCH_AGAIN,
      );
    }
    const { storedType, bytes } = sizeOf(tensor, file);
    end = tensor.dataOffset + bytes;
    const offset = header.dataStart + tensor.dataOffset;
    if (offset + bytes > sizeBytes) {
      throw new FormatError(
        `${file}: tensor "${shown(tensor.name)}": expected ${bytes} bytes at byte ${offset}, got the end of the file at byte ${sizeBytes}.`,
        'The file is cut short: fetch it again.',
      );
    }
    return { name: tensor.name, shape: tensor.shape, storedType, offset, sizeBytes: bytes };
  });
  const fileEnd = header.dataStart + end;
  if (sizeBytes - fileEnd >= header.alignment) {
    throw new FormatError(
      `${file}: expected the tensors to end with the file at byte ${sizeBytes}, got an end at byte ${fileEnd}.`,
      FETCH_AGAIN,
    );
  }
  return placed;
}

function sizeOf(tensor: GgufTensor, file: string): { storedType: StoredType; bytes: number } {
  const storedType = TYPE_NAMES[tensor.typeId];
  if (!storedType) {
    const name = OTHER_TYPES[tensor.typeId] ?? `type ${tensor.typeId}`;
    throw new UnsupportedError(
      `${file}: tensor "${shown(tensor.name)}" at byte ${tensor.headerOffset}: expected one of ${Object.values(TYPE_NAMES).join(', ')}, got ${name}.`,
      'Take the model quantised as one of these, such as Q4_K_M or Q8_0.',
    );
  }
  const row = tensor.shape.at(-1) ?? 1;
  const { blockElements } = BLOCK_FORMATS[storedType];
  if (row % blockElements !== 0) {
    throw new FormatError(
      `${file}: tensor "${shown(tensor.name)}" at byte ${tensor.headerOffset}: expected rows of whole ${storedType} blocks of ${blockElements}, got rows of ${row}.`,
      FETCH_AGAIN,
    );
  }
  return {
    storedType,
    bytes: storedBytes(
      storedType,
      tensor.shape.reduce((product, size) => product * size, 1),
    ),
  };
}
