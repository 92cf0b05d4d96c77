import { createRng } from '../../src/core/rng';
import type { CallOptions, Engine, EngineRequests, RequestName, RequestParams, RequestResult } from '../../src/engine/api';

type Handlers = {
  [K in RequestName]?: (params: RequestParams<K>, options: CallOptions<K>) => RequestResult<K> | Promise<RequestResult<K>>;
};

/** An engine that answers the given requests from functions of this file, for logic around it; the real one runs in a browser only. */
export class ToyEngine implements Engine {
  readonly calls: Array<{ name: RequestName; params: unknown }> = [];

  constructor(private readonly handlers: Handlers) {}

  async call<K extends RequestName>(name: K, params: RequestParams<K>, options: CallOptions<K> = {}): Promise<RequestResult<K>> {
    options.signal?.throwIfAborted();
    this.calls.push({ name, params });
    const handler = this.handlers[name] as
      | ((params: RequestParams<K>, options: CallOptions<K>) => RequestResult<K> | Promise<RequestResult<K>>)
      | undefined;
    if (!handler) throw new Error(`no ${name} in this engine`);
    return handler(params, options);
  }

  terminate(): void {}

  onFailure(): () => void {
    return () => undefined;
  }
}

export const TOY_WIDTH = 24;
const embeddings = new Map<string, number[]>();

/** Word ids of a text: FNV-1a over the letters, modulo 4096. */
export function wordIds(text: string): number[] {
  return (text.toLowerCase().match(/[a-z]+/g) ?? []).map((word) => {
    let hash = 0x811c9dc5;
    for (const char of word) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
    return hash % 4096;
  });
}

function embedding(id: number, block: number): number[] {
  const key = `${id} ${block}`;
  let found = embeddings.get(key);
  if (!found) {
    const rng = createRng(id, block);
    found = Array.from({ length: TOY_WIDTH }, () => rng());
    embeddings.set(key, found);
  }
  return found;
}

export const encodeWords = ({ rows }: EngineRequests['encodeChat']['params']): EngineRequests['encodeChat']['result'] =>
  rows.map(({ messages, answer }) => ({
    promptIds: wordIds(messages.map(({ content }) => content).join(' ')),
    answerIds: wordIds(answer ?? ''),
  }));

/** The toy residual stream of tools/fixtures/readout.py: a word has an embedding of its own after each block. */
export const poolWords = ({ rows, hookPoints }: EngineRequests['pooled']['params']): EngineRequests['pooled']['result'] => {
  const after = (hookPoint: string) => {
    const block = Number(hookPoint.split('.')[1]);
    const data = new Float32Array(rows.length * TOY_WIDTH);
    rows.forEach(({ answerIds }, i) => {
      for (let j = 0; j < TOY_WIDTH; j++)
        data[i * TOY_WIDTH + j] = answerIds.reduce((sum, id) => sum + (embedding(id, block)[j] as number), 0) / answerIds.length;
    });
    return { data, shape: [rows.length, TOY_WIDTH] };
  };
  return {
    means: Object.fromEntries(hookPoints.map((name) => [name, after(name)])),
    norms: Object.fromEntries(hookPoints.map((name) => [name, new Float32Array(rows.length).fill(1)])),
    tokenCounts: rows.map(({ answerIds }) => answerIds.length),
  };
};
