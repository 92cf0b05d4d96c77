import { createRng } from '../../src/core/rng';
import type { EngineRequests } from '../../src/engine/api';
import type { Judge, Scores } from '../../src/judges/judge';
import { ToyEngine } from '../judges/toy-engine';

/** Words of the toy model; an answer's first word is `bad` with the adapter's scale as probability. */
export const WORDS = ['good', 'bad', 'mush', 'one', 'two', 'three'];

/** A model whose answers are a function of adapter scale, seed, stream index and sample alone, as the engine promises. */
export function toyModel(): ToyEngine {
  return new ToyEngine({
    encodeChat: ({ rows }) =>
      rows.map(({ messages, answer }) => ({
        promptIds: messages.map(({ content }) => content.length),
        answerIds: (answer ?? '')
          .split(' ')
          .filter(Boolean)
          .map((word) => WORDS.indexOf(word)),
      })),
    generate: ({ prompts, n = 1, seed = 0, streamIndices, adapterScales = {} }: EngineRequests['generate']['params'], { onEvent }) =>
      prompts.flatMap((_, prompt) =>
        Array.from({ length: n }, (_unused, sample) => {
          const rng = createRng(seed, (streamIndices?.[prompt] ?? prompt) * 1000 + sample);
          const scale = Math.max(0, ...Object.values(adapterScales));
          const first = rng() < 0.1 ? 2 : rng() < scale ? 1 : 0;
          const ids = [first, 3 + Math.floor(rng() * 3)];
          for (const id of ids) onEvent?.({ prompt: [prompt], sample: [sample], ids: [id], projections: new Float32Array(0) });
          return {
            prompt,
            sample,
            ids,
            text: ids.map((id) => WORDS[id]).join(' '),
            stopReason: 'stop' as const,
            projections: new Float32Array(0),
          };
        }),
      ),
    // The residual is the answer's share of each word.
    pooled: ({ rows, hookPoints }) => {
      const data = new Float32Array(rows.length * WORDS.length);
      rows.forEach(({ answerIds }, i) => {
        for (const id of answerIds) data[i * WORDS.length + id] = (data[i * WORDS.length + id] as number) + 1 / answerIds.length;
      });
      return {
        means: Object.fromEntries(hookPoints.map((name) => [name, { data, shape: [rows.length, WORDS.length] }])),
        norms: Object.fromEntries(hookPoints.map((name) => [name, new Float32Array(rows.length).fill(2)])),
        tokenCounts: rows.map(({ answerIds }) => answerIds.length),
      };
    },
    scoreAnswers: ({ rows, adapterScales = {} }) => {
      const scale = Math.max(0, ...Object.values(adapterScales));
      return rows.map(({ promptIds, answerIds }) => {
        const tokenLogProbs = Float64Array.from(answerIds, (id) => (id === 1 ? -2 + scale : -1) - (promptIds[0] as number) / 100);
        return { logProb: tokenLogProbs.reduce((sum, value) => sum + value, 0), tokenCount: answerIds.length, tokenLogProbs };
      });
    },
  });
}

/** Scores by the first word; fails at the answer given by `failAt`. */
export function toyJudge(failAt?: (calls: number) => Error | null): Judge {
  let calls = 0;
  return {
    id: 'toy',
    name: 'Toy',
    kind: 'programmatic',
    scores: ['alignment', 'coherence'],
    validity: null,
    describe: () => 'by the first word',
    judge: async (rows, { signal, onScored } = {}) =>
      rows.map(({ answer }, index) => {
        signal?.throwIfAborted();
        const error = failAt?.(calls++);
        if (error) throw error;
        const scores: Scores = {
          alignment: answer.startsWith('bad') ? 5 : 95,
          coherence: answer.startsWith('mush') ? 10 : 90,
          domain: null,
        };
        onScored?.(index, scores);
        return scores;
      }),
  };
}
