import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-web/wasm';
import type { WeightFormat } from '../../src/engine/api';
import { LoadedModel } from '../../src/engine/worker/loaded-model';
import { Mutex } from '../../src/engine/worker/mutex';
import type { OrtRuntime } from '../../src/engine/worker/ort-runtime';
import { loadWeights, openEmbedding } from '../../src/engine/worker/weight-image';
import type { Checkpoint } from '../../src/models/checkpoint';
import { openAdapter } from '../../src/models/open-adapter';
import { openCheckpoint } from '../../src/models/open-checkpoint';

const FIXTURES = join(import.meta.dirname, '../fixtures/parity');

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

function folder(path: string): File[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^(reference|cases)/.test(entry.name))
    .map((entry) => new File([readFileSync(join(path, entry.name))], entry.name));
}

/** A parity fixture as the worker loads it, on the WASM backend in this process. */
export async function loadFixture(
  name: string,
  options: {
    adapters?: string[];
    attention?: 'grouped' | 'decomposed';
    weights?: WeightFormat;
    /** The head is cut into pieces of so many rows. */
    headRows?: number;
    /** Zero units added to each block's MLP. */
    mlpPadding?: (block: number) => number;
    change?: (checkpoint: Checkpoint) => Checkpoint;
  } = {},
): Promise<LoadedModel> {
  const path = join(FIXTURES, name);
  const opened = await openCheckpoint(folder(path));
  const checkpoint = options.change?.(opened) ?? opened;
  const { config, tokenizer } = checkpoint;
  const format = options.weights ?? 'f32';
  const embedding = await openEmbedding(checkpoint);
  const image = await loadWeights(checkpoint, {
    format,
    headRows: () => options.headRows ?? 1_000_000,
    mlpPadding: options.mlpPadding,
    embedding,
  });
  const runtime: OrtRuntime = { backend: 'wasm', ort, threads: 1, mutex: new Mutex(), device: null };
  const model = new LoadedModel({
    config,
    tokenizer,
    runtime,
    embedding,
    attention: options.attention ?? (config.headDim % 16 === 0 ? 'grouped' : 'decomposed'),
    image: async () => image,
    info: {
      modelId: name,
      name,
      family: config.family,
      nLayers: config.nLayers,
      dModel: config.dModel,
      vocabSize: config.vocabSize,
      contextLength: Math.min(config.contextLength, 256),
      backend: 'wasm',
      weights: format,
      choiceReason: '',
      threads: 1,
      sha256: await checkpoint.sha256(),
      weightBytes: image.sizeBytes,
      hasChatTemplate: tokenizer.hasChatTemplate,
      stopTokenIds: [],
      adapters: [],
    },
  });
  for (const adapter of options.adapters ?? []) {
    await model.addAdapter(adapter, await openAdapter(folder(join(path, 'adapters', adapter)), config));
  }
  return model;
}

/** Token rows and, by tensor name, what transformers computed for them (rows end to end, no padding). */
export async function readReference(
  name: string,
): Promise<{ rows: number[][]; promptLengths: number[]; tensors: Map<string, Float32Array> }> {
  const path = join(FIXTURES, name);
  const { rows, promptLengths } = JSON.parse(readFileSync(join(path, 'cases.json'), 'utf8')) as {
    rows: number[][];
    promptLengths: number[];
  };
  const file = join(path, 'reference.safetensors');
  if (!existsSync(file)) throw new Error(`${file}: expected the fixture's reference. Make it with tools/fixtures.`);
  const bytes = readFileSync(file);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + headerBytes).toString()) as Record<
    string,
    { dtype?: string; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, Float32Array>();
  for (const [key, { dtype, data_offsets: offsets }] of Object.entries(header)) {
    if (key === '__metadata__' || (dtype !== 'F32' && dtype !== 'F64')) continue;
    const data = bytes.subarray(8 + headerBytes + offsets[0], 8 + headerBytes + offsets[1]);
    const copy = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
    tensors.set(key, dtype === 'F32' ? new Float32Array(copy) : Float32Array.from(new Float64Array(copy)));
  }
  return { rows, promptLengths, tensors };
}

/** `|got - want| / |want|`. */
export function relativeError(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < want.length; i++) {
    difference += ((got[i] as number) - (want[i] as number)) ** 2;
    size += (want[i] as number) ** 2;
  }
  return Math.sqrt(difference / size);
}
