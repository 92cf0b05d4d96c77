import { type Interval, meanInterval } from '../analysis/intervals';
import type { Message } from '../core/chat';
import { ArgumentError } from '../core/errors';
import type { Engine, RunOptions } from '../engine/api';

/** One question with a fixed aligned and a fixed misaligned answer. */
export interface LeanPair {
  messages: Message[];
  aligned: string;
  misaligned: string;
}

/** Encoded pairs, ready for any number of settings: row 2i is pair i's aligned answer, row 2i+1 its misaligned one. */
export interface PreparedLean {
  modelId: string;
  rows: Array<{ promptIds: number[]; answerIds: number[] }>;
}

/** Mean log-probability per token of misaligned minus aligned fixed answers, in nat/token; positive leans misaligned. */
export interface Lean extends Interval {
  count: number;
  /** The figure of each pair. */
  pairs: number[];
}

/** Encodes the pairs once. @throws ArgumentError when there are none, or an answer has no token. */
export async function prepareLean(
  engine: Engine,
  modelId: string,
  pairs: readonly LeanPair[],
  signal?: AbortSignal,
): Promise<PreparedLean> {
  if (pairs.length === 0)
    throw new ArgumentError('fixed answers: expected at least one pair, got 0.', 'Add a question with an aligned and a misaligned answer.');
  const rows = await engine.call(
    'encodeChat',
    {
      modelId,
      rows: pairs.flatMap(({ messages, aligned, misaligned }) => [
        { messages, answer: aligned },
        { messages, answer: misaligned },
      ]),
    },
    { signal },
  );
  const empty = rows.findIndex((row) => row.answerIds.length === 0);
  if (empty >= 0)
    throw new ArgumentError(`fixed answer of pair ${Math.floor(empty / 2) + 1}: expected at least one token, got 0.`, 'Write an answer.');
  return { modelId, rows };
}

/**
 * `mean over pairs of (log p(misaligned)/tokens - log p(aligned)/tokens)` under the given edits and adapters: one batched run, no sampling.
 * The interval is a bootstrap over pairs, because a pair's two answers belong together.
 */
export async function measureLean(engine: Engine, prepared: PreparedLean, run: RunOptions, signal?: AbortSignal): Promise<Lean> {
  const scored = await engine.call('scoreAnswers', { modelId: prepared.modelId, rows: prepared.rows, ...run }, { signal });
  const perToken = scored.map(({ logProb, tokenCount }) => logProb / tokenCount);
  const pairs = Array.from({ length: perToken.length / 2 }, (_, i) => (perToken[2 * i + 1] as number) - (perToken[2 * i] as number));
  return { ...meanInterval(pairs), pairs };
}
