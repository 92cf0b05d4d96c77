import { FormatError, UnsupportedError } from '../core/errors';
import { type FileTree, required } from '../formats/byte-source';
import { ChatTemplate } from '../formats/chat-template';
import type { ChunkedSource } from '../formats/chunk-pool';
import type { GgufHeader } from '../formats/gguf-header';
import { type PlacedGgufTensor, placeGgufTensors, readGgufHeader } from '../formats/gguf-tensors';
import { readGgufTokenizer } from '../formats/gguf-tokenizer';
import { HuggingFaceTokenizer } from '../formats/hugging-face-tokenizer';
import { Fields, shown } from '../formats/json-fields';
import { type StoredTensor, TensorStore } from '../formats/tensor-store';
import type { CheckpointContent } from './checkpoint';
import { type GgufFamily, ggufFamily } from './gguf-configs';
import { huggingFaceName } from './gguf-names';
import { readRopeFactors } from './llama/rope-factors';
import { identity, type LoadReader } from './load-reader';
import type { ModelConfig } from './model-config';
import { checkTensors } from './weight-check';

const ROPE_FACTORS = 'rope_freqs.weight';

/** Opens a .gguf: header, tensor table and tokenizer are read and checked, weights stay in the file. */
export async function openGguf(
  tree: FileTree,
  path: string,
  name: string,
  reader: LoadReader,
  signal?: AbortSignal,
): Promise<CheckpointContent> {
  reader.report('header', path);
  const source = reader.wrap(required(await tree.open(path)));
  const header = await readGgufHeader(source, signal);
  const metadata = metadataFields(header, source.name);
  refuseSplit(metadata);
  const family = ggufFamily(metadata);
  const placed = placeGgufTensors(header, source.sizeBytes, source.name);
  const config = await readConfig(family, metadata, placed, source, signal);
  const tensors = nameTensors(placed, family, config, source);
  checkTensors(tensors, config, source.name);
  reader.report('tokenizer', path);
  const { description, endIds, specialTokens } = readGgufTokenizer(metadata, config.vocabSize, family.vocabularyOrder);
  const template = metadata.has('tokenizer.chat_template')
    ? new ChatTemplate(metadata.string('tokenizer.chat_template'), source.name, specialTokens)
    : null;
  const tokenizer = new HuggingFaceTokenizer(description, endIds, template);
  return {
    name,
    config,
    weights: new TensorStore(tensors.values()),
    tokenizer,
    sha256: () => identity(new Uint8Array(0), [source], signal),
  };
}

function metadataFields(header: GgufHeader, file: string): Fields {
  const values = Object.fromEntries(Array.from(header.metadata, ([key, { value }]) => [key, value]));
  return new Fields(values, file, '', (field) => {
    const entry = header.metadata.get(field);
    return entry ? ` at byte ${entry.offset}` : '';
  });
}

function refuseSplit(metadata: Fields): void {
  if (metadata.integer('split.count', 0, 65_535, 0) > 1) {
    throw new UnsupportedError(
      `${metadata.file}: field "split.count": expected one file, got ${metadata.raw('split.count')}.`,
      'Join the files with llama-gguf-split --merge first.',
    );
  }
}

async function readConfig(
  family: GgufFamily,
  metadata: Fields,
  placed: readonly PlacedGgufTensor[],
  source: ChunkedSource,
  signal?: AbortSignal,
): Promise<ModelConfig> {
  const byName = new Map(placed.map((tensor) => [tensor.name, tensor]));
  const embedding = byName.get('token_embd.weight');
  if (embedding?.shape.length !== 2)
    throw new FormatError(
      `${source.name}: tensor "token_embd.weight": expected a matrix, got ${embedding ? `[${embedding.shape}]` : 'nothing'}.`,
      'The file is damaged or holds no text model.',
    );
  const config = family.readConfig(metadata, {
    vocabSize: embedding.shape[0] as number,
    tiedHead: !byName.has('output.weight'),
    has: (name) => byName.has(name),
  });
  const factors = byName.get(ROPE_FACTORS);
  if (!factors) return config;
  const [size] = factors.shape;
  if (factors.storedType !== 'F32' || factors.shape.length !== 1 || size !== config.headDim / 2 || config.family !== 'llama') {
    throw new FormatError(
      `${source.name}: tensor "${ROPE_FACTORS}": expected F32 [${config.headDim / 2}] in a llama, got ${factors.storedType} [${factors.shape}] in a ${config.family}.`,
      'Take another GGUF of the model.',
    );
  }
  const values = await new TensorStore([{ ...factors, source }]).readRows(ROPE_FACTORS, 0, 1, signal);
  const rope = {
    theta: config.rope.full.theta,
    scaling: readRopeFactors(values, config.rope.full.theta, `${source.name}: tensor "${ROPE_FACTORS}"`),
  };
  return { ...config, rope: { full: rope, sliding: rope } };
}

/** Tensors by their Hugging Face names, with llama.cpp's interleaving noted where there is one. */
function nameTensors(
  placed: readonly PlacedGgufTensor[],
  family: GgufFamily,
  config: ModelConfig,
  source: ChunkedSource,
): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const tensor of placed) {
    if (tensor.name === ROPE_FACTORS) continue;
    const name = huggingFaceName(tensor.name, family.blockNames);
    if (name === null) {
      throw new FormatError(
        `${source.name}: tensor "${shown(tensor.name)}": expected only the tensors of a ${config.family} model, got this one besides.`,
        'Take another GGUF of the model.',
      );
    }
    const interleaved = family.interleavedHeads && /\.self_attn\.[qk]_proj\./.test(name);
    tensors.set(name, { ...tensor, name, source, ...(interleaved ? { interleavedHeadDim: config.headDim } : {}) });
  }
  return tensors;
}
