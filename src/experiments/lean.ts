import { type Interval, meanInterval } from '../analysis/intervals';
import type { Message } from '../core/chat';
import { ArgumentError } from '../core/errors';
import type { Engine, RunOptions } from '../engine/api';

/** One question with a fixed answer of either side of a contrast (misaligned and aligned where it has no other), as token ids. */
export interface LeanPair {
  promptIds: number[];
  positiveIds: number[];
  negativeIds: number[];
}

/** The same as text. */
export interface LeanText {
  messages: Message[];
  positive: string;
  negative: string;
}

/** The instant figure in nat/token; above 0 it leans toward the positive side. */
export interface Lean extends Interval {
  count: number;
  /** The figure of each pair. */
  pairs: number[];
}

/**
 * Encodes pairs once, for any number of settings; of each answer at most its first `answerTokens`.
 * @throws ArgumentError when there are none, or an answer has no token.
 */
export async function encodeLeanPairs(
  engine: Engine,
  modelId: string,
  texts: readonly LeanText[],
  { answerTokens, signal }: { answerTokens?: number; signal?: AbortSignal } = {},
): Promise<LeanPair[]> {
  if (texts.length === 0) {
    throw new ArgumentError('fixed answers: expected at least one pair, got 0.', 'Add a question with an answer of either side.');
  }
  const rows = texts.flatMap(({ messages, positive, negative }) => [
    { messages, answer: positive },
    { messages, answer: negative },
  ]);
  const encoded = await engine.call('encodeChat', { modelId, rows }, { signal });
  const empty = encoded.findIndex((row) => row.answerIds.length === 0);
  if (empty >= 0)
    throw new ArgumentError(`fixed answer of pair ${Math.floor(empty / 2) + 1}: expected at least one token, got 0.`, 'Write an answer.');
  return texts.map((_, i) => ({
    promptIds: encoded[2 * i]?.promptIds ?? [],
    positiveIds: encoded[2 * i]?.answerIds.slice(0, answerTokens) ?? [],
    negativeIds: encoded[2 * i + 1]?.answerIds.slice(0, answerTokens) ?? [],
  }));
}

/**
 * `mean over pairs of [log p(positive)/tokens - log p(negative)/tokens]` in nat per token, teacher-forced: where the model leans before it says a word.
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
  const rows = pairs.flatMap(({ promptIds, positiveIds, negativeIds }) => [
    { promptIds, answerIds: positiveIds },
    { promptIds, answerIds: negativeIds },
  ]);
  const scored = await engine.call('scoreAnswers', { modelId, ...options, rows }, { signal });
  const perToken = scored.map(({ logProb, tokenCount }) => logProb / tokenCount);
  const figures = pairs.map((_, index) => (perToken[2 * index] as number) - (perToken[2 * index + 1] as number));
  return { ...meanInterval(figures, { resamples: 400 }), pairs: figures };
}
