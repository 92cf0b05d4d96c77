import { ArgumentError } from '../../core/errors';
import type { Tensor } from '../../core/tensor';
import type { NextTokensRequest } from '../api';
import type { KeyValueCache } from './key-value-cache';
import type { LoadedModel } from './loaded-model';
import { yieldToMessages } from './mutex';
import { decodeGroups, prefill } from './prefill';
import { logProbabilities } from './reads';

/** One continuation of one prompt. */
interface Branch {
  prompt: number;
  /** The prompt's row in the cache that it goes on from. */
  parent: number;
  ids: number[];
  /** Where its probabilities stand among those of its prompt. */
  place: number;
}

/**
 * Probabilities `[prompts, 1 + continuations, wanted]` of the wanted tokens after each prompt and after each of its continuations.
 * Each prompt is read once; its continuations go on together from the keys and values that it left.
 * @throws ArgumentError for an empty row, one beyond the context, or an id beyond the vocabulary
 */
export async function nextTokens(model: LoadedModel, request: NextTokensRequest, signal?: AbortSignal): Promise<Tensor> {
  const { prompts, continuations = [], wanted } = request;
  checkRequest(model, request);
  const setting = { edits: await model.editPlan(request, signal), adapterScales: model.adapterScales(request), signal };
  const places = 1 + continuations.length;
  const { vocabSize } = model.config;
  const found = new Float32Array(prompts.length * places * wanted.length);
  const keep = (logits: Float32Array, row: number, prompt: number, place: number) => {
    const line = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
    found.set(logProbabilities(line, wanted).map(Math.exp), (prompt * places + place) * wanted.length);
  };

  const follow = async (branches: Branch[], from: KeyValueCache): Promise<void> => {
    let live = branches;
    let cache = await from.select(live.map(({ parent }) => parent));
    try {
      for (let depth = 0; ; depth++) {
        const step = await model.runner.run({
          ids: live.map(({ ids }) => [ids[depth] as number]),
          promptLengths: live.map(({ prompt }) => (prompts[prompt] as number[]).length),
          cache,
          keepCache: true,
          logitRows: Int32Array.from(live, (_, row) => row),
          ...setting,
        });
        cache.dispose();
        cache = step.cache as KeyValueCache;
        live.forEach(({ ids, prompt, place }, row) => {
          if (ids.length === depth + 1) keep(step.logits as Float32Array, row, prompt, place);
        });
        const longer = live.flatMap(({ ids }, row) => (ids.length > depth + 1 ? [row] : []));
        await yieldToMessages();
        signal?.throwIfAborted();
        if (longer.length === 0) return;
        const fewer = await cache.select(longer);
        cache.dispose();
        cache = fewer;
        live = longer.map((row) => live[row] as Branch);
      }
    } finally {
      cache.dispose();
    }
  };

  const deepest = Math.max(0, ...continuations.map((ids) => ids.length));
  const lengths = prompts.map((prompt) => prompt.length + deepest);
  for (const members of decodeGroups(model, lengths, 1)) {
    const read = members.map((index) => prompts[index] as number[]);
    const { cache, logits } = await prefill(model, read, setting);
    try {
      members.forEach((prompt, row) => {
        keep(logits, row, prompt, 0);
      });
      const branches = members.flatMap((prompt, parent) => continuations.map((ids, at) => ({ prompt, parent, ids, place: at + 1 })));
      const room = branches.map(({ prompt }) => lengths[prompt] as number);
      for (const group of decodeGroups(model, room, 1))
        await follow(
          group.map((at) => branches[at] as Branch),
          cache,
        );
    } finally {
      cache.dispose();
    }
  }
  return { data: found, shape: [prompts.length, places, wanted.length] };
}

function checkRequest(model: LoadedModel, { prompts, continuations = [], wanted }: NextTokensRequest): void {
  const empty = continuations.findIndex((ids) => ids.length === 0);
  if (empty >= 0) throw new ArgumentError(`continuation ${empty}: expected at least one token, got 0.`, 'Leave empty continuations out.');
  model.checkRows(prompts);
  if (continuations.length > 0) model.checkRows(prompts.flatMap((prompt) => continuations.map((ids) => [...prompt, ...ids])));
  const { vocabSize } = model.config;
  const unknown = wanted.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize);
  if (unknown !== undefined)
    throw new ArgumentError(`wanted: expected ids below ${vocabSize}, got ${unknown}.`, "Tokenize with this model's tokenizer.");
}
