import type { Message } from '../core/chat';
import type { Intervention, TokenSelection } from '../core/intervention';
import type { Tensor } from '../core/tensor';

/** Version of the engine's arithmetic; recorded with every direction and result. */
export const ENGINE_VERSION = '1.0.0';

export type Backend = 'webgpu' | 'wasm';
export type WeightFormat = 'f32' | 'q8' | 'q4';

/**
 * Where a model or adapter comes from.
 * `organism` and `organism:NAME` are the page's own files; `hf:owner/name[@revision][/file.gguf]` the hub; a URL names a folder or a .gguf; File[] is a dropped folder or file.
 */
export type Source = string | File[];

export interface LoadRequest {
  source: Source;
  backend?: Backend;
  weights?: WeightFormat;
  adapters?: Array<{ name: string; source: Source }>;
}

/** Bytes read so far of the whole load; `stage` names what is done now. */
export interface LoadProgress {
  stage: 'header' | 'tokenizer' | 'weights' | 'session' | 'adapter';
  file: string;
  loadedBytes: number;
  totalBytes: number | null;
}

export interface AdapterInfo {
  name: string;
  sha256: string;
  rank: number;
  /** Modules adapted, such as `blocks.3.mlp.down_proj`. */
  modules: string[];
}

export interface ModelInfo {
  /** Handle of this loaded model inside the engine. */
  modelId: string;
  name: string;
  family: string;
  nLayers: number;
  dModel: number;
  vocabSize: number;
  contextLength: number;
  backend: Backend;
  weights: WeightFormat;
  /** Why this backend and weight format were chosen, for the screen. */
  choiceReason: string;
  threads: number;
  /** SHA-256 over config and weights as read. */
  sha256: string;
  weightBytes: number;
  hasChatTemplate: boolean;
  stopTokenIds: number[];
  adapters: AdapterInfo[];
}

export interface TokenizeResult {
  ids: number[];
  /** Each token's text as it stands in the decoded whole. */
  tokens: string[];
}

/** What is edited and how strongly each adapter works in one run. Adapters not named have scale 0. */
export interface RunOptions {
  interventions?: Intervention[];
  adapterScales?: Record<string, number>;
}

export interface ForwardRequest extends RunOptions {
  ids: number[][];
  hookPoints?: string[];
  logits?: 'none' | 'last' | 'all';
  /** Length of each row's prompt, for `prompt` and `response` masks; without it every token is prompt. */
  promptLengths?: number[];
}

export interface ForwardResult {
  /** `[batch, pos, vocabSize]`; pos is 1 for `last`. */
  logits?: Tensor;
  /** `[batch, pos, dModel]` each, right-padded with zeros. */
  activations: Record<string, Tensor>;
  lengths: number[];
}

/** Means over selected tokens of each row, taken in the worker so that the full residual never crosses. */
export interface PooledRequest extends RunOptions {
  rows: Array<{ promptIds: number[]; answerIds: number[] }>;
  hookPoints: string[];
  tokens: 'answer' | 'prompt' | 'lastPrompt' | number[];
}

export interface PooledResult {
  /** For each hook point `[rows, dModel]`: the mean over the row's selected tokens. */
  means: Record<string, Tensor>;
  /** For each hook point `[rows]`: the mean Euclidean norm over the same tokens. */
  norms: Record<string, Float32Array>;
  /** Selected tokens of each row: the weights that turn response means into the token-pooled mean. */
  tokenCounts: number[];
}

/** Projections of every token on unit directions: `h . v / |v|`. */
export interface ProjectRequest extends RunOptions {
  ids: number[][];
  promptLengths?: number[];
  /** One direction for each hook point that is read. */
  probes: Array<{ hookPoint: string; values: Float32Array }>;
}

/** Teacher-forced log-probabilities of given answers. */
export interface ScoreAnswersRequest extends RunOptions {
  rows: Array<{ promptIds: number[]; answerIds: number[] }>;
}

/** Natural-log probabilities of an answer's tokens, given all before them. */
export interface ScoredAnswer {
  /** Their sum. */
  logProb: number;
  tokenCount: number;
  tokenLogProbs: Float64Array;
}

/** What may come next, after each prompt and after each of some continuations of it. */
export interface NextTokensRequest extends RunOptions {
  prompts: number[][];
  /** Tokens that may follow any of the prompts, one or more each. A prompt is read once, however many there are. */
  continuations?: number[][];
  /** Ids of the tokens whose probabilities are wanted. */
  wanted: number[];
}

export interface GenerateRequest extends RunOptions {
  /** Token ids of each prompt. */
  prompts: number[][];
  /** Answers for each prompt. */
  n?: number;
  maxNewTokens?: number;
  /** 0 is greedy. */
  temperature?: number;
  topP?: number;
  topK?: number;
  /** Answer k of prompt p draws from stream (seed, p, k); a row's tokens do not depend on what else is in the batch. */
  seed?: number;
  /** Prompt indices used in the random streams instead of 0..prompts-1, so that part of a set can be rerun with the same tokens. */
  streamIndices?: number[];
  probes?: Array<{ hookPoint: string; values: Float32Array }>;
}

/** Tokens that were sampled in one decode step: parallel arrays over the rows still running. */
export interface TokenEvent {
  prompt: number[];
  sample: number[];
  ids: number[];
  /** `[rows, probes]`: the projection of the token just written, read when it is fed back; NaN for the last. Empty without probes. */
  projections: Float32Array;
}

export interface GeneratedAnswer {
  prompt: number;
  sample: number;
  text: string;
  ids: number[];
  stopReason: 'stop' | 'length' | 'abort';
  /** `[ids.length, probes]` row-major; empty without probes. */
  projections: Float32Array;
}

/** Every request of the engine once: name -> params, result and streamed event. Worker and proxy both derive from it. */
export interface EngineRequests {
  capabilities: { params: undefined; result: EngineCapabilities; event: never };
  load: { params: LoadRequest; result: ModelInfo; event: LoadProgress };
  loadAdapter: { params: { modelId: string; name: string; source: Source }; result: ModelInfo; event: LoadProgress };
  tokenize: { params: { modelId: string; text: string; addSpecialTokens?: boolean }; result: TokenizeResult; event: never };
  /** Each token's text, such that joined they are the decoded whole. */
  decode: { params: { modelId: string; ids: number[] }; result: { text: string; tokens: string[] }; event: never };
  render: { params: { modelId: string; messages: Message[]; addGenerationPrompt?: boolean }; result: string; event: never };
  /** Chat-rendered token ids of a prompt, and of its answer when one is given (the template's closing of the turn left out). */
  encodeChat: {
    params: { modelId: string; rows: Array<{ messages: Message[]; answer?: string }> };
    result: Array<{ promptIds: number[]; answerIds: number[] }>;
    event: never;
  };
  forward: { params: { modelId: string } & ForwardRequest; result: ForwardResult; event: never };
  pooled: { params: { modelId: string } & PooledRequest; result: PooledResult; event: { done: number; total: number } };
  /** `[pos, probes]` for each row. */
  project: { params: { modelId: string } & ProjectRequest; result: Tensor[]; event: never };
  scoreAnswers: { params: { modelId: string } & ScoreAnswersRequest; result: ScoredAnswer[]; event: never };
  /** Probabilities `[prompts, 1 + continuations, wanted]`: after the prompt itself, then after each continuation; softmax in f64. */
  nextTokens: { params: { modelId: string } & NextTokensRequest; result: Tensor; event: never };
  generate: { params: { modelId: string } & GenerateRequest; result: GeneratedAnswer[]; event: TokenEvent };
  /** Mean residual norm at each hook point over the engine's calibration texts, the first token of each left out. */
  residualNorms: { params: { modelId: string; hookPoints: string[] }; result: Record<string, number>; event: never };
  dispose: { params: { modelId: string }; result: undefined; event: never };
}

export interface EngineCapabilities {
  webgpu: boolean;
  /** Adapter description, or why there is none. */
  webgpuDetail: string;
  jspi: boolean;
  threads: number;
  crossOriginIsolated: boolean;
}

export type RequestName = keyof EngineRequests;
export type RequestParams<K extends RequestName> = EngineRequests[K]['params'];
export type RequestResult<K extends RequestName> = EngineRequests[K]['result'];
export type RequestEvent<K extends RequestName> = EngineRequests[K]['event'];

export interface CallOptions<K extends RequestName> {
  signal?: AbortSignal;
  onEvent?: (event: RequestEvent<K>) => void;
}

/** The engine as callers see it; the worker and the main-thread proxy both implement it. */
export interface Engine {
  call<K extends RequestName>(name: K, params: RequestParams<K>, options?: CallOptions<K>): Promise<RequestResult<K>>;
  /** Rejects everything pending and frees all models. */
  terminate(): void;
  /** Called once when the worker dies or the GPU device is lost; later calls start a fresh worker. */
  onFailure(listener: (error: Error) => void): () => void;
}

export type { Intervention, TokenSelection };
