import { type Interval, meanInterval } from '../analysis/intervals';
import type { Engine, RunOptions } from '../engine/api';

/** One question with a fixed aligned and a fixed misaligned answer, as token ids. */
export interface LeanPair {
  promptIds: number[];
  alignedIds: number[];
  misalignedIds: number[];
}

/**
 * `mean over pairs of [log p(misaligned)/tokens - log p(aligned)/tokens]` in nat per token, teacher-forced: where the model leans before it says a word.
 * One batch of `2 x pairs` rows, nothing sampled. The interval is a bootstrap over pairs.
 * @throws DOMException AbortError when cancelled.
 */
export async function measureLeanOf(
  engine: Engine,
  modelId: string,
  pairs: readonly LeanPair[],
  options: RunOptions,
  signal?: AbortSignal,
): Promise<Interval & { count: number }> {
  const rows = pairs.flatMap(({ promptIds, alignedIds, misalignedIds }) => [
    { promptIds, answerIds: alignedIds },
    { promptIds, answerIds: misalignedIds },
  ]);
  const scored = await engine.call('scoreAnswers', { modelId, ...options, rows }, { signal });
  const perToken = scored.map(({ logProb, tokenCount }) => logProb / tokenCount);
  return meanInterval(
    pairs.map((_, index) => (perToken[2 * index + 1] as number) - (perToken[2 * index] as number)),
    { resamples: 400 },
  );
}
