import type { Message } from '../core/chat';
import { ArgumentError } from '../core/errors';
import type { Intervention } from '../core/intervention';
import type {
  AdapterInfo,
  ForwardRequest,
  ForwardResult,
  GeneratedAnswer,
  LoadProgress,
  ModelInfo,
  Source,
  TokenEvent,
  TokenizeResult,
} from '../engine/api';
import { callEngine } from './engine-handle';

export interface LoadOptions {
  backend?: 'webgpu' | 'wasm';
  weights?: 'f32' | 'q8' | 'q4';
  adapters?: Array<{ name: string; source: Source }>;
  onProgress?: (progress: LoadProgress) => void;
  signal?: AbortSignal;
}

export interface ForwardOptions extends Omit<ForwardRequest, 'ids'> {
  signal?: AbortSignal;
}

export interface GenerateOptions {
  n?: number;
  maxNewTokens?: number;
  /** 0 is greedy. */
  temperature?: number;
  topP?: number;
  topK?: number;
  seed?: number;
  interventions?: Intervention[];
  adapterScales?: Record<string, number>;
  onToken?: (event: TokenEvent) => void;
  signal?: AbortSignal;
}

/** What a script sees of a loaded model; `adapters` are their names. */
export interface ScriptingModelInfo extends Omit<ModelInfo, 'adapters'> {
  adapters: string[];
  adapterDetails: AdapterInfo[];
}

/** One loaded model in the hands of a script; several can be loaded side by side. */
export class ScriptingModel {
  readonly info: ScriptingModelInfo;

  constructor(info: ModelInfo) {
    this.info = { ...info, adapters: info.adapters.map(({ name }) => name), adapterDetails: info.adapters };
  }

  private get modelId(): string {
    return this.info.modelId;
  }

  /** Token ids of a text and each token's own text. */
  tokenize(text: string, options: { addSpecialTokens?: boolean } = {}): Promise<TokenizeResult> {
    return callEngine('tokenize', { modelId: this.modelId, text, ...options });
  }

  /** The chat template's text. */
  render(messages: Message[], options: { addGenerationPrompt?: boolean } = {}): Promise<string> {
    return callEngine('render', { modelId: this.modelId, messages, ...options });
  }

  /** One forward pass over ragged rows: logits and the residual stream at any hook point, `[batch, pos, dModel]`. */
  forward(ids: number[][], options: ForwardOptions = {}): Promise<ForwardResult> {
    const { signal, ...request } = options;
    return callEngine('forward', { modelId: this.modelId, ids, ...request }, { signal });
  }

  /**
   * `n` answers to one conversation or one row of token ids.
   * @throws ArgumentError for an empty prompt.
   */
  async generate(
    prompt: Message[] | number[],
    options: GenerateOptions = {},
  ): Promise<Array<Pick<GeneratedAnswer, 'text' | 'ids' | 'stopReason'>>> {
    if (!Array.isArray(prompt) || prompt.length === 0)
      throw new ArgumentError(
        `generate: expected messages or token ids, got ${Array.isArray(prompt) ? 'an empty list' : `a ${typeof prompt}`}.`,
        "Pass a list, such as [{ role: 'user', content: '…' }].",
      );
    const { signal, onToken, ...request } = options;
    const answers = await callEngine(
      'generate',
      { modelId: this.modelId, prompts: [await this.promptIds(prompt)], ...request },
      { signal, onEvent: onToken },
    );
    return answers.map(({ text, ids, stopReason }) => ({ text, ids, stopReason }));
  }

  private async promptIds(prompt: Message[] | number[]): Promise<number[]> {
    if (typeof prompt[0] === 'number') return prompt as number[];
    const [row] = await callEngine('encodeChat', { modelId: this.modelId, rows: [{ messages: prompt as Message[] }] });
    return row?.promptIds ?? [];
  }

  /** Frees the model's memory; other models go on. */
  async dispose(): Promise<void> {
    await callEngine('dispose', { modelId: this.modelId });
  }
}
