import { LimitError, UnsupportedError } from '../../core/errors';
import type { ModelConfig } from '../../models/model-config';
import { openCheckpoint } from '../../models/open-checkpoint';
import type { EngineCapabilities, LoadProgress, LoadRequest } from '../api';
import { type BackendChoice, chooseBackend, weightBytes as expectedBytes } from './backend-choice';
import type { EmbeddingTable } from './embedding-table';
import { LoadedModel } from './loaded-model';
import { type OrtRuntime, openRuntime } from './ort-runtime';
import { VARIANT_LIMIT_BYTES } from './session-pool';
import { loadWeights, openEmbedding, type WeightImage } from './weight-image';

/** Longest context that rotary tables are made for: long enough for every protocol, short enough to stay small. */
const MAX_CONTEXT = 8192;

export interface LoadHooks {
  baseUrl: string;
  signal: AbortSignal;
  onProgress(progress: LoadProgress): void;
  capabilities: EngineCapabilities & { isSoftware: boolean; maxBufferBytes: number };
}

/** Reads, converts and prepares one model. @throws UnsupportedError for a backend that this browser does not have, and all that opening throws. */
export async function loadModel(modelId: string, request: LoadRequest, hooks: LoadHooks): Promise<LoadedModel> {
  const { baseUrl, signal, onProgress, capabilities } = hooks;
  if (request.backend === 'webgpu' && !capabilities.webgpu) {
    throw new UnsupportedError(`backend: expected a WebGPU adapter, got none (${capabilities.webgpuDetail}).`, 'Use the WASM backend.');
  }
  const open = (readSignal?: AbortSignal) => openCheckpoint(request.source, { baseUrl, onProgress, signal: readSignal });
  const checkpoint = await open(signal);
  const { config } = checkpoint;
  const choice = chooseBackend(config, request, { webgpu: capabilities.webgpu, isSoftware: capabilities.isSoftware });
  const runtime = await openRuntime(choice.backend);
  const onGpu = choice.backend === 'webgpu';
  if (onGpu) checkTensorSizes(config, choice, capabilities.maxBufferBytes);
  const headRows = onGpu
    ? () => headRowsWithin(capabilities.maxBufferBytes, config, choice)
    : (piece: number) => packedHeadRows(config, piece);
  const convert = (from: typeof checkpoint, into: EmbeddingTable | null, readSignal?: AbortSignal): Promise<WeightImage> =>
    loadWeights(from, { format: choice.weights, headRows, mlpPadding, embedding: into, signal: readSignal });
  const mlpPadding = paddingForPacking(config, choice);
  const embedding = await openEmbedding(checkpoint);
  const first = await convert(checkpoint, embedding, signal).catch(async (error: unknown) => {
    await embedding.dispose();
    throw error;
  });
  const weightBytes = first.sizeBytes;
  // A large image is handed to the first session only; a later one streams the source again.
  let held: WeightImage | null = first;
  const reconvert = async (readSignal?: AbortSignal): Promise<WeightImage> => {
    const again = await open(readSignal);
    return convert(again, null, readSignal).finally(() => again.close());
  };
  const image = async (readSignal?: AbortSignal): Promise<WeightImage> => {
    const ready = held ?? (await reconvert(readSignal));
    held = weightBytes <= VARIANT_LIMIT_BYTES ? ready : null;
    return ready;
  };
  const sha256 = await checkpoint.sha256();
  checkpoint.close();
  onProgress({ stage: 'session', file: checkpoint.name, loadedBytes: weightBytes, totalBytes: weightBytes });
  const model = new LoadedModel({
    config,
    tokenizer: checkpoint.tokenizer,
    runtime,
    embedding,
    attention: attentionKind(config, runtime),
    image,
    info: {
      modelId,
      name: checkpoint.name,
      family: config.family,
      nLayers: config.nLayers,
      dModel: config.dModel,
      vocabSize: config.vocabSize,
      contextLength: Math.min(config.contextLength, MAX_CONTEXT),
      backend: choice.backend,
      weights: choice.weights,
      choiceReason: choice.reason,
      threads: runtime.threads,
      sha256,
      weightBytes,
      hasChatTemplate: checkpoint.tokenizer.hasChatTemplate,
      stopTokenIds: checkpoint.tokenizer.stopTokenIds,
      adapters: [],
    },
  });
  return model;
}

/**
 * The runtime packs each f32 matrix into a second copy before it frees the first, and de-quantises each block matrix whole at every
 * run, so the head is cut to keep that copy small: f32 bytes of one piece.
 */
const WASM_HEAD_BYTES = 16 * 1024 * 1024;

/** The fused kernel ignores the softcap on WebGPU and takes head sizes in steps of 16. */
function attentionKind(config: ModelConfig, runtime: OrtRuntime): 'grouped' | 'decomposed' {
  const softcapIsLost = config.attentionSoftcap !== null && runtime.backend === 'webgpu';
  return softcapIsLost || config.headDim % 16 !== 0 ? 'decomposed' : 'grouped';
}

/**
 * The runtime packs a model's f32 matrices one after another, in the order of the graph, each into new memory before it frees the
 * original. A packed matrix is a few bytes too large for the place of an equal one before it, so a model of equal blocks needs a fifth
 * more memory than its weights. Blocks that shrink a little, two by two, leave places that fit: measured on Qwen2.5-0.5B, some 200 MB less for 1.2 %
 * more weights. The units added are zeros.
 */
function paddingForPacking(config: ModelConfig, { backend, weights }: BackendChoice): ((block: number) => number) | undefined {
  const isLarge = expectedBytes(config, weights) > VARIANT_LIMIT_BYTES;
  if (backend !== 'wasm' || weights !== 'f32' || !isLarge) return undefined;
  return (block) => PACKED_ROWS * Math.floor((config.nLayers - 1 - block) / 2);
}

/** Rows of the head's pieces, each a little smaller than the one before for the same reason. */
function packedHeadRows({ dModel }: ModelConfig, piece: number): number {
  return Math.max(PACKED_ROWS, Math.floor(WASM_HEAD_BYTES / (4 * dModel)) - PACKED_ROWS * piece);
}

/** The runtime packs rows by sixteen. */
const PACKED_ROWS = 16;

/** Rows of the head whose stored values fill at most `bytes`. */
function headRowsWithin(bytes: number, { dModel }: ModelConfig, { weights }: BackendChoice): number {
  return Math.floor(bytes / (weights === 'f32' ? dModel * 4 : Math.ceil(dModel / 32) * 32));
}

/** Only the head is cut; every other matrix must fit one buffer. */
function checkTensorSizes(config: ModelConfig, choice: BackendChoice, maxTensorBytes: number): void {
  const largest = Math.max(config.dMlp, config.nHeads * config.headDim) * config.dModel * { f32: 4, q8: 1, q4: 0.5 }[choice.weights];
  if (largest > maxTensorBytes) {
    throw new LimitError(
      `weights: expected matrices of at most ${maxTensorBytes} bytes on this adapter, got ${largest}.`,
      'Choose smaller weights or the WASM backend.',
    );
  }
}
