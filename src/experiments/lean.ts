import { type Interval, meanInterval } from '../analysis/intervals';
import type { Message } from '../core/chat';
import { ArgumentError } from '../core/errors';
import type { Engine, RunOptions } from '../engine/api';

/** One question with a fixed aligned and a fixed misaligned answer, as token ids. */
export interface LeanPair {
  promptIds: number[];
  alignedIds: number[];
  misalignedIds: number[];
}

/** The same as text. */
export interface LeanText {
  messages: Message[];
  aligned: string;
  misaligned: string;
}

/** The instant figure in nat/token; positive leans misaligned. */
export interface Lean extends Interval {
  count: number;
  /** The figure of each pair. */
  pairs: number[];
}

/** Encodes pairs once, for any number of settings. @throws ArgumentError when there are none, or an answer has no token. */
export async function encodeLeanPairs(
  engine: Engine,
  modelId: string,
  texts: readonly LeanText[],
  signal?: AbortSignal,
): Promise<LeanPair[]> {
  if (texts.length === 0) {
    throw new ArgumentError('fixed answers: expected at least one pair, got 0.', 'Add a question with an aligned and a misaligned answer.');
  }
  const rows = texts.flatMap(({ messages, aligned, misaligned }) => [
    { messages, answer: aligned },
    { messages, answer: misaligned },
  ]);
  const encoded = await engine.call('encodeChat', { modelId, rows }, { signal });
  const empty = encoded.findIndex((row) => row.answerIds.length === 0);
  if (empty >= 0)
    throw new ArgumentError(`fixed answer of pair ${Math.floor(empty / 2) + 1}: expected at least one token, got 0.`, 'Write an answer.');
  return texts.map((_, i) => ({
    promptIds: encoded[2 * i]?.promptIds ?? [],
    alignedIds: encoded[2 * i]?.answerIds ?? [],
    misalignedIds: encoded[2 * i + 1]?.answerIds ?? [],
  }));
}

/**
 * `mean over pairs of [log p(misaligned)/tokens - log p(aligned)/tokens]` in nat per token, teacher-forced: where the model leans before it says a word.
 * One batch of `2 x pairs` rows, nothing sampled. The interval is a bootstrap over pairs, because a pair's two answers belong together.
 * @throws DOMException AbortError when cancelled.
 */
export async function measureLeanOf(
  engine: Engine,
  modelId: string,
  pairs: readonly LeanPair[],
  options: RunOptions,
  signal?: AbortSignal,
): Promise<Lean> {
  const rows = pairs.flatMap(({ promptIds, alignedIds, misalignedIds }) => [
    { promptIds, answerIds: alignedIds },
    { promptIds, answerIds: misalignedIds },
  ]);
  const scored = await engine.call('scoreAnswers', { modelId, ...options, rows }, { signal });
  const perToken = scored.map(({ logProb, tokenCount }) => logProb / tokenCount);
  const figures = pairs.map((_, index) => (perToken[2 * index + 1] as number) - (perToken[2 * index] as number));
  return { ...meanInterval(figures, { resamples: 400 }), pairs: figures };
}
