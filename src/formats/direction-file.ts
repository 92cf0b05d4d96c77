import { FormatError, LimitError, MismatchError, UnsupportedError } from '../core/errors';
import { LIMITS } from '../core/limits';
import { type DirectionImport, directionsFrom, META_KEY, type NamedVector } from './direction-meta';
import { placeGgufTensors, readGgufHeader } from './gguf-tensors';
import { BlobSource } from './http-tree';
import { isRecord, parseJson, shown } from './json-fields';
import { readNpy, readNpz, type VectorFile } from './npz';
import { readSafetensorsHeader } from './safetensors';
import { TensorStore } from './tensor-store';
import type { StoredType } from './weight-store';

const READABLE = ['F32', 'F16', 'BF16'] as const;
const OTHER_FILE = 'Choose a .safetensors, .npz, .npy or .gguf file of directions.';

interface PlacedVector {
  name: string;
  shape: number[];
  storedType: StoredType;
  offset: number;
  sizeBytes: number;
}

/** The vectors of placed tensors: `[dModel]` is one, `[rows, dModel]` one for each row, numbered. */
async function readPlaced(source: BlobSource, tensors: readonly PlacedVector[]): Promise<NamedVector[]> {
  const store = new TensorStore(tensors.map((tensor) => ({ ...tensor, source })));
  const vectors: NamedVector[] = [];
  for (const { name, shape } of tensors) {
    const [rows, dModel] = shape.length === 2 ? shape : [1, shape[0]];
    if (shape.length > 2 || rows === undefined || dModel === undefined) {
      throw new FormatError(
        `${source.name}: tensor "${shown(name)}": expected shape [dModel] or [rows, dModel], got [${shape}].`,
        OTHER_FILE,
      );
    }
    if (rows > LIMITS.directionCount || dModel > LIMITS.dModel) {
      throw new LimitError(
        `${source.name}: tensor "${shown(name)}": expected at most ${LIMITS.directionCount} rows of ${LIMITS.dModel} values, got [${rows}, ${dModel}].`,
        OTHER_FILE,
      );
    }
    for (let row = 0; row < rows; row++) {
      vectors.push({ name: shape.length === 2 ? `${name}.${row}` : name, values: await store.readRows(name, row, 1) });
    }
  }
  return vectors;
}

function checkCount(count: number, fileName: string): void {
  if (count > LIMITS.directionCount) {
    throw new LimitError(`${fileName}: expected at most ${LIMITS.directionCount} tensors of directions, got ${count}.`, OTHER_FILE);
  }
}

async function readSafetensors(source: BlobSource): Promise<VectorFile> {
  const entries = await readSafetensorsHeader(source);
  checkCount(entries.length, source.name);
  const tensors = entries.map(({ dtype, ...entry }) => {
    const storedType = READABLE.find((type) => type === dtype);
    if (!storedType) {
      throw new UnsupportedError(
        `${source.name}: tensor "${shown(entry.name)}": expected ${READABLE.join(', ')}, got ${dtype}.`,
        'Convert it to float32.',
      );
    }
    return { ...entry, storedType };
  });
  const prefix = await source.read(0, 8);
  const headerBytes = Number(new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true));
  const header = parseJson(await source.read(8, headerBytes), `${source.name} (header)`, LIMITS.safetensorsHeaderBytes);
  const metadata = isRecord(header) && isRecord(header.__metadata__) ? header.__metadata__[META_KEY] : undefined;
  return { vectors: await readPlaced(source, tensors), json: typeof metadata === 'string' ? metadata : undefined };
}

/** llama.cpp's control vector; `direction.N` is added to the output of block N. */
async function readControlVector(source: BlobSource): Promise<VectorFile> {
  const header = await readGgufHeader(source);
  const architecture = header.metadata.get('general.architecture')?.value;
  if (architecture !== 'controlvector') {
    throw new MismatchError(
      `${source.name}: field "general.architecture": expected controlvector, got ${typeof architecture === 'string' ? `"${shown(architecture)}"` : 'none'}.`,
      'A model is opened under Model; choose a control vector here.',
    );
  }
  checkCount(header.tensors.length, source.name);
  const metadata = header.metadata.get(META_KEY)?.value;
  const vectors = await readPlaced(source, placeGgufTensors(header, source.sizeBytes, source.name));
  if (typeof metadata === 'string') return { vectors, json: metadata };
  const named = vectors.map((vector) => {
    const block = /^direction\.(\d{1,3})$/.exec(vector.name)?.[1];
    if (block === undefined) {
      throw new FormatError(`${source.name}: tensor "${shown(vector.name)}": expected the name direction.N, got another.`, OTHER_FILE);
    }
    return { ...vector, name: `blocks.${block}.hook_resid_post` };
  });
  return { vectors: named, json: undefined };
}

async function readVectors(source: BlobSource, blob: Blob): Promise<VectorFile> {
  const start = new Uint8Array(await blob.slice(0, 10).arrayBuffer());
  const magic = String.fromCharCode(...start.subarray(0, 6));
  if (magic.startsWith('GGUF')) return readControlVector(source);
  if (magic.startsWith('PK')) return readNpz(new Uint8Array(await blob.arrayBuffer()), source.name);
  if (magic === '\x93NUMPY') return readNpy(new Uint8Array(await blob.arrayBuffer()), source.name);
  // A safetensors header of 128 bytes begins like a pickle; its brace at byte 8 tells them apart.
  if (start[0] === 0x80 && start[8] !== 0x7b) {
    throw new UnsupportedError(
      `${source.name}: expected safetensors, npz or GGUF, got a Python pickle.`,
      'Save it with safetensors: a pickle can run code.',
    );
  }
  return readSafetensors(source);
}

/**
 * Reads directions from safetensors, npz, npy or a GGUF control vector; the kind is told by the content, never by the name.
 * Files by Vane come back with recipe and hook point; for others a missing hook point becomes `fallbackHookPoint`, which `notes` says.
 * @throws FormatError naming file, tensor and byte offset; LimitError; UnsupportedError for other types; MismatchError for a GGUF model.
 */
export async function readDirectionFile(blob: Blob, fileName: string, fallbackHookPoint: string): Promise<DirectionImport> {
  if (blob.size > LIMITS.documentBytes) {
    throw new LimitError(`${fileName}: expected at most ${LIMITS.documentBytes} bytes of directions, got ${blob.size}.`, OTHER_FILE);
  }
  const { vectors, json } = await readVectors(new BlobSource(fileName, blob), blob);
  return directionsFrom(vectors, json, fileName, fallbackHookPoint);
}
