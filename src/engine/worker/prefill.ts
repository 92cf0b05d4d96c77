import type { EditPlan } from './edit-plan';
import type { KeyValueCache } from './key-value-cache';
import type { LoadedModel } from './loaded-model';
import { yieldToMessages } from './mutex';
import { rowBatches } from './row-batches';

/** What is edited and how strongly each adapter works, as the runner takes it. */
export interface RunSetting {
  edits: EditPlan | null;
  adapterScales: number[];
  signal?: AbortSignal;
}

export interface Prefilled {
  /** A row for each prompt, in their order. */
  cache: KeyValueCache;
  /** `[prompts, vocabSize]`: logits after each prompt's last token. */
  logits: Float32Array;
}

/** Keys and values of one batch may take this much. */
const CACHE_BYTES = 384 * 1024 * 1024;
/** Rows of one decode step: beyond this a step takes longer without more tokens a second. */
const MAX_DECODE_ROWS = 64;

/**
 * Which rows go on together when each is kept `copies` times: bounded by rows and by the memory of their keys and values.
 * @param lengths the most tokens that each row will hold
 * @returns row indices in their order; a row that is too long alone is a group of its own
 */
export function decodeGroups(model: LoadedModel, lengths: readonly number[], copies: number): number[][] {
  const { nLayers, nKvHeads, headDim } = model.config;
  const bytesPerToken = nLayers * nKvHeads * headDim * 2 * 4;
  // Past and present exist at once.
  const tokens = Math.floor(CACHE_BYTES / (2 * bytesPerToken * copies));
  const perGroup = Math.max(1, Math.min(Math.floor(tokens / Math.max(...lengths)), Math.floor(MAX_DECODE_ROWS / copies)));
  const groups: number[][] = [];
  for (let first = 0; first < lengths.length; first += perGroup) {
    groups.push(Array.from({ length: Math.min(perGroup, lengths.length - first) }, (_, i) => first + i));
  }
  return groups;
}

/** Reads each prompt once, in batches that fit; what they leave is joined row by row. */
export async function prefill(model: LoadedModel, prompts: readonly number[][], setting: RunSetting): Promise<Prefilled> {
  const parts = rowBatches(
    prompts.map((prompt) => prompt.length),
    model.batchTokens(),
  );
  const caches: KeyValueCache[] = [];
  const { vocabSize } = model.config;
  const logits = new Float32Array(prompts.length * vocabSize);
  for (const part of parts) {
    const ids = part.map((index) => prompts[index] as number[]);
    const width = Math.max(...ids.map((row) => row.length));
    const result = await model.runner.run({
      ids,
      promptLengths: ids.map((row) => row.length),
      keepCache: true,
      logitRows: Int32Array.from(ids, (row, index) => index * width + row.length - 1),
      ...setting,
    });
    caches.push(result.cache as KeyValueCache);
    part.forEach((index, row) => {
      logits.set((result.logits as Float32Array).subarray(row * vocabSize, (row + 1) * vocabSize), index * vocabSize);
    });
    await yieldToMessages();
  }
  return { cache: await joinCaches(caches, parts.flat()), logits };
}

/** One cache out of several whose rows belong to `order[0]`, `order[1]`, ..., sorted back to the order of the prompts. */
async function joinCaches(caches: readonly KeyValueCache[], order: readonly number[]): Promise<KeyValueCache> {
  const [first] = caches as [KeyValueCache];
  const joined = caches.length === 1 ? first : await first.concatenate(caches.slice(1));
  const rows = order.map((_, prompt) => order.indexOf(prompt));
  const isSorted = rows.every((row, index) => row === index);
  if (isSorted && caches.length === 1) return joined;
  const sorted = isSorted ? joined : await joined.select(rows);
  for (const cache of new Set([...caches, joined])) if (cache !== sorted) cache.dispose();
  return sorted;
}
