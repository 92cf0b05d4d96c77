import type { Backend, WeightFormat } from '../../../src/engine/api';
import type { ForwardOptions, GenerateOptions, LoadOptions, ScriptingModel, ScriptingModelInfo } from '../../../src/store/scripting-model';

/** One file of a dropped folder: fetched from the test host, or given as bytes. */
export type DroppedFile = { name: string; url: string } | { name: string; base64: string };

/** A source as a test writes it: an address, or files that the page turns into File[]. */
export type TestSource = string | DroppedFile[];

export interface LoadArguments {
  source: TestSource;
  backend?: Backend;
  weights?: WeightFormat;
  adapters?: Array<{ name: string; source: TestSource }>;
}

/** Options as plain data: what crosses into the page carries no typed arrays. */
export type PlainForward = Omit<ForwardOptions, 'signal'>;
/** `abortAfter` aborts once that many tokens were streamed; `probes` are the engine's own option, with plain numbers. */
export type PlainGenerate = Omit<GenerateOptions, 'signal' | 'onToken'> & {
  abortAfter?: number;
  probes?: Array<{ hookPoint: string; values: number[] }>;
};
export type Prompt = number[] | Array<{ role: 'user' | 'system' | 'assistant'; content: string }>;

export type PageRequest =
  | { method: 'load'; key: string; request: LoadArguments }
  | { method: 'forward'; key: string; ids: number[][]; options: PlainForward }
  | { method: 'generate'; key: string; prompt: Prompt; options: PlainGenerate }
  | { method: 'tokenize'; key: string; text: string }
  | { method: 'dispose'; key: string };

export interface EncodedTensor {
  base64: string;
  shape: number[];
}

export interface EncodedForward {
  logits: EncodedTensor | null;
  activations: Array<[string, EncodedTensor]>;
  lengths: number[];
}

export interface GenerateAnswer {
  answers: Array<{ text: string; ids: number[]; stopReason: string }>;
  /** Tokens streamed to onToken, in all and after the abort. */
  streamed: number;
  streamedAfterAbort: number;
  /** From the abort to the promise's end. */
  abortMs: number;
  /** When each event came, from the call on. */
  eventMs: number[];
}

export interface PageError {
  name: string;
  message: string;
  remedy: string;
}

export interface PageReply {
  value?: ScriptingModelInfo | EncodedForward | GenerateAnswer | { ids: number[]; tokens: string[] } | null;
  error?: PageError;
  ms: number;
}

interface ScriptedWindow {
  vane: { load(source: string | File[], options?: LoadOptions): Promise<ScriptingModel> };
  heldModels?: Map<string, ScriptingModel>;
}

/** Runs inside the page, so it refers to nothing outside itself: one call of `window.vane`, its result as plain data. */
export async function inPage(request: PageRequest): Promise<PageReply> {
  const scripted = window as unknown as ScriptedWindow;
  scripted.heldModels ??= new Map();
  const held = scripted.heldModels;

  async function toSource(source: TestSource): Promise<string | File[]> {
    if (typeof source === 'string') return source;
    return Promise.all(
      source.map(async (file) => {
        if ('url' in file) return new File([await (await fetch(file.url)).blob()], file.name);
        return new File([Uint8Array.from(atob(file.base64), (character) => character.charCodeAt(0))], file.name);
      }),
    );
  }

  function encode({ data, shape }: { data: Float32Array; shape: number[] }): EncodedTensor {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    let text = '';
    for (let i = 0; i < bytes.length; i += 32_768) text += String.fromCharCode(...bytes.subarray(i, i + 32_768));
    return { base64: btoa(text), shape: [...shape] };
  }

  async function generate(
    model: ScriptingModel,
    prompt: Prompt,
    { abortAfter, probes, ...options }: PlainGenerate,
  ): Promise<GenerateAnswer> {
    const abort = new AbortController();
    const seen = { streamed: 0, streamedAfterAbort: 0, abortedAt: 0 };
    const eventMs: number[] = [];
    const calledAt = performance.now();
    const typed = probes ? { probes: probes.map(({ hookPoint, values }) => ({ hookPoint, values: Float32Array.from(values) })) } : {};
    const onToken = (event: { ids: number[] }) => {
      seen.streamed += event.ids.length;
      eventMs.push(performance.now() - calledAt);
      if (abort.signal.aborted) seen.streamedAfterAbort += event.ids.length;
      else if (abortAfter !== undefined && seen.streamed >= abortAfter) {
        seen.abortedAt = performance.now();
        abort.abort();
      }
    };
    let answers: GenerateAnswer['answers'] = [];
    try {
      const made = await model.generate(prompt, { ...options, ...typed, onToken, signal: abort.signal });
      answers = made.map(({ text, ids, stopReason }) => ({ text, ids: [...ids], stopReason }));
    } catch (error) {
      if (!abort.signal.aborted || !(error instanceof DOMException)) throw error;
    }
    return {
      answers,
      streamed: seen.streamed,
      streamedAfterAbort: seen.streamedAfterAbort,
      abortMs: seen.abortedAt ? performance.now() - seen.abortedAt : 0,
      eventMs,
    };
  }

  async function run(): Promise<PageReply['value']> {
    if (request.method === 'load') {
      const { source, adapters, ...rest } = request.request;
      const named = await Promise.all(
        (adapters ?? []).map(async (adapter) => ({ name: adapter.name, source: await toSource(adapter.source) })),
      );
      const model = await scripted.vane.load(await toSource(source), { ...rest, adapters: named });
      held.set(request.key, model);
      return JSON.parse(JSON.stringify(model.info)) as ScriptingModelInfo;
    }
    const model = held.get(request.key);
    if (!model) throw new Error(`the test holds no model "${request.key}"`);
    if (request.method === 'forward') {
      const { logits, activations, lengths } = await model.forward(request.ids, request.options);
      return {
        logits: logits ? encode(logits) : null,
        activations: Object.entries(activations).map(([name, tensor]) => [name, encode(tensor)]),
        lengths,
      };
    }
    if (request.method === 'generate') return generate(model, request.prompt, request.options);
    if (request.method === 'tokenize') return model.tokenize(request.text);
    await model.dispose();
    held.delete(request.key);
    return null;
  }

  const started = performance.now();
  try {
    return { value: await run(), ms: performance.now() - started };
  } catch (error) {
    const { name = 'Error', message = String(error), remedy = '' } = error as Partial<PageError>;
    return { error: { name, message, remedy }, ms: performance.now() - started };
  }
}
