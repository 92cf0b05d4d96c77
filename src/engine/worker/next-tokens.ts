import { ArgumentError } from '../../core/errors';
import type { Tensor } from '../../core/tensor';
import type { NextTokensRequest } from '../api';
import type { KeyValueCache } from './key-value-cache';
import type { LoadedModel } from './loaded-model';
import { yieldToMessages } from './mutex';
import { decodeGroups, prefill } from './prefill';

/**
 * Probabilities `[prompts, 1 + continuations, wanted]` of the wanted tokens after each prompt and after each of its continuations.
 * Each prompt is read once; its continuations go on together from the keys and values that it left.
 * @throws ArgumentError for an empty row, one beyond the context, or an id beyond the vocabulary
 */
export async function nextTokens(model: LoadedModel, request: NextTokensRequest, signal?: AbortSignal): Promise<Tensor> {
  const { prompts, continuations = [], wanted } = request;
  const empty = continuations.findIndex((ids) => ids.length === 0);
  if (empty >= 0) throw new ArgumentError(`continuation ${empty}: expected at least one token, got 0.`, 'Leave empty continuations out.');
  model.checkRows(prompts);
  if (continuations.length > 0) model.checkRows(prompts.flatMap((prompt) => continuations.map((ids) => [...prompt, ...ids])));
  const unknown = wanted.find((id) => !Number.isInteger(id) || id < 0 || id >= model.config.vocabSize);
  if (unknown !== undefined)
    throw new ArgumentError(
      `wanted: expected ids below ${model.config.vocabSize}, got ${unknown}.`,
      "Tokenize with this model's tokenizer.",
    );
  const setting = { edits: await model.editPlan(request, signal), adapterScales: model.adapterScales(request), signal };
  const places = 1 + continuations.length;
  const { vocabSize } = model.config;
  const found = new Float32Array(prompts.length * places * wanted.length);
  /** Reads logits of row `row` and puts what is wanted of them where prompt and place say. */
  const keep = (logits: Float32Array, row: number, prompt: number, place: number) => {
    const line = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
    found.set(probabilities(line, wanted), (prompt * places + place) * wanted.length);
  };
  const deepest = Math.max(0, ...continuations.map((ids) => ids.length));
  const lengths = prompts.map((prompt) => prompt.length + deepest);
  for (const members of decodeGroups(model, lengths, Math.max(1, continuations.length))) {
    signal?.throwIfAborted();
    const read = members.map((index) => prompts[index] as number[]);
    const start = await prefill(model, read, setting);
    members.forEach((prompt, row) => {
      keep(start.logits, row, prompt, 0);
    });
    let rows = members.flatMap((prompt, parent) => continuations.map((ids, at) => ({ prompt, parent, ids, place: at + 1 })));
    let parents = rows.map(({ parent }) => parent);
    let cache: KeyValueCache = start.cache;
    try {
      for (let depth = 0; rows.length > 0; depth++) {
        const own = await cache.select(parents);
        cache.dispose();
        cache = own;
        const step = await model.runner.run({
          ids: rows.map(({ ids }) => [ids[depth] as number]),
          promptLengths: rows.map(({ prompt }) => (prompts[prompt] as number[]).length),
          cache,
          keepCache: true,
          logitRows: Int32Array.from(rows, (_, row) => row),
          ...setting,
        });
        cache.dispose();
        cache = step.cache as KeyValueCache;
        const goOn: number[] = [];
        rows.forEach(({ ids, prompt, place }, row) => {
          if (ids.length === depth + 1) keep(step.logits as Float32Array, row, prompt, place);
          else goOn.push(row);
        });
        rows = goOn.map((row) => rows[row] as (typeof rows)[number]);
        parents = goOn;
        await yieldToMessages();
        signal?.throwIfAborted();
      }
    } finally {
      cache.dispose();
    }
  }
  return { data: found, shape: [prompts.length, places, wanted.length] };
}

/** Softmax over the whole vocabulary, in f64, at the wanted ids. */
function probabilities(logits: Float32Array, wanted: readonly number[]): Float64Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) if ((logits[i] as number) > largest) largest = logits[i] as number;
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += Math.exp((logits[i] as number) - largest);
  return Float64Array.from(wanted, (id) => Math.exp((logits[id] as number) - largest) / total);
}
