import { LimitError, UnsupportedError } from '../../core/errors';
import type { ModelConfig } from '../../models/model-config';
import { openCheckpoint } from '../../models/open-checkpoint';
import type { EngineCapabilities, LoadProgress, LoadRequest } from '../api';
import { type BackendChoice, chooseBackend } from './backend-choice';
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
  const headRows = onGpu ? headRowsWithin(capabilities.maxBufferBytes, config, choice) : Math.floor(WASM_HEAD_BYTES / (4 * config.dModel));
  const convert = (from: typeof checkpoint, into: EmbeddingTable | null, readSignal?: AbortSignal): Promise<WeightImage> =>
    loadWeights(from, { format: choice.weights, headRows, embedding: into, signal: readSignal });
  const embedding = await openEmbedding(checkpoint);
  const first = await convert(checkpoint, embedding, signal).catch(async (error: unknown) => {
    await embedding.dispose();
    throw error;
  });
  const weightBytes = first.sizeBytes;
  // A large image is handed to the first session only; a later one streams the source again.
  let held: WeightImage | null = first;
  const image = async (readSignal?: AbortSignal): Promise<WeightImage> => {
    const ready = held ?? (await convert(await open(readSignal), null, readSignal));
    held = weightBytes <= VARIANT_LIMIT_BYTES ? ready : null;
    return ready;
  };
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
      sha256: await checkpoint.sha256(),
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
const WASM_HEAD_BYTES = 8 * 1024 * 1024;

/** The fused kernel ignores the softcap on WebGPU and takes head sizes in steps of 16. */
function attentionKind(config: ModelConfig, runtime: OrtRuntime): 'grouped' | 'decomposed' {
  const softcapIsLost = config.attentionSoftcap !== null && runtime.backend === 'webgpu';
  return softcapIsLost || config.headDim % 16 !== 0 ? 'decomposed' : 'grouped';
}

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
