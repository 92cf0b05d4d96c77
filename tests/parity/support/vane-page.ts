import type { Page } from '@playwright/test';
import type { ScriptingModelInfo } from '../../../src/store/scripting-model';
import type { ReferenceTensor } from './compare';
import {
  type EncodedForward,
  type EncodedTensor,
  type GenerateAnswer,
  inPage,
  type LoadArguments,
  type PageError,
  type PageRequest,
  type PlainForward,
  type PlainGenerate,
  type Prompt,
} from './in-page';

export interface ForwardAnswer {
  logits: ReferenceTensor | null;
  activations: Map<string, ReferenceTensor>;
  lengths: number[];
}

/** An error of the page with the class name and remedy it had there. */
export class PageCallError extends Error {
  constructor(
    readonly pageError: PageError,
    readonly ms: number,
  ) {
    super(`${pageError.name}: ${pageError.message}`);
  }
}

function decode(tensor: EncodedTensor): ReferenceTensor {
  const bytes = Buffer.from(tensor.base64, 'base64');
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return { data: new Float32Array(copy as ArrayBuffer), shape: tensor.shape };
}

/** Scripts the built page through `window.vane`, as a researcher's console does. */
export class VanePage {
  constructor(readonly page: Page) {}

  /** Opens the page and waits for the scripting interface; the start-up model's files are withheld, so that it costs nothing here. */
  async open(url: string): Promise<void> {
    await this.page.route('**/models/**', (route) => route.abort());
    await this.page.goto(url);
    await this.page.waitForFunction(() => 'vane' in window && window.isSecureContext, undefined, { timeout: 30_000 });
  }

  private async call<T>(request: PageRequest): Promise<{ value: T; ms: number }> {
    const reply = await this.page.evaluate(inPage, request);
    if (reply.error) throw new PageCallError(reply.error, reply.ms);
    return { value: reply.value as T, ms: reply.ms };
  }

  /** Loads a model and keeps it in the page under `key`. */
  async load(key: string, request: LoadArguments): Promise<ScriptingModelInfo & { loadMs: number }> {
    const { value, ms } = await this.call<ScriptingModelInfo>({ method: 'load', key, request });
    return { ...value, loadMs: ms };
  }

  /** The error that a call gives, and after how many milliseconds. */
  async errorOf(call: () => Promise<unknown>): Promise<PageError & { ms: number }> {
    try {
      await call();
    } catch (error) {
      if (error instanceof PageCallError) return { ...error.pageError, ms: error.ms };
      throw error;
    }
    throw new Error('expected an error, got none');
  }

  async forward(key: string, ids: number[][], options: PlainForward = {}): Promise<ForwardAnswer> {
    const { value } = await this.call<EncodedForward>({ method: 'forward', key, ids, options });
    return {
      logits: value.logits && decode(value.logits),
      activations: new Map(value.activations.map(([name, tensor]) => [name, decode(tensor)])),
      lengths: value.lengths,
    };
  }

  async generate(key: string, prompt: Prompt, options: PlainGenerate = {}): Promise<GenerateAnswer & { ms: number }> {
    const { value, ms } = await this.call<GenerateAnswer>({ method: 'generate', key, prompt, options });
    return { ...value, ms };
  }

  async tokenize(key: string, text: string): Promise<{ ids: number[]; tokens: string[] }> {
    return (await this.call<{ ids: number[]; tokens: string[] }>({ method: 'tokenize', key, text })).value;
  }

  async dispose(key: string): Promise<void> {
    await this.call({ method: 'dispose', key });
  }
}
