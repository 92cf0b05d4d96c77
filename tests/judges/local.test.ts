import { describe, expect, it } from 'vitest';
import type { EngineRequests } from '../../src/engine/api';
import { LocalJudge } from '../../src/judges/local';
import { DEFAULT_RUBRICS, fillRubric } from '../../src/judges/rubrics';
import { ToyEngine } from './toy-engine';

const model = { modelId: 'judge', name: 'Judge', contextLength: 1000, sha256: '' };

/** A model whose next token follows a fixed distribution over texts, cut into the given pieces. */
function scriptedEngine(pieces: string[], distribution: (prompt: string) => Record<string, number>): ToyEngine {
  const idOf = (piece: string) => pieces.indexOf(piece);
  const prompts: string[] = [];
  const cut = (text: string): number[] => {
    const ids: number[] = [];
    while (text !== '') {
      const piece = pieces.filter((candidate) => text.startsWith(candidate)).sort((a, b) => b.length - a.length)[0] ?? '?';
      ids.push(idOf(piece));
      text = text.slice(piece.length);
    }
    return ids;
  };
  return new ToyEngine({
    tokenize: ({ text }) => ({ ids: cut(text), tokens: [] }),
    // The only id names the prompt.
    encodeChat: ({ rows }) =>
      rows.map(({ messages }) => {
        prompts.push(messages[0]?.content ?? '');
        return { promptIds: [1000 + prompts.length - 1], answerIds: [] };
      }),
    nextTokens: ({ prompts: asked, continuations = [], wanted }: EngineRequests['nextTokens']['params']) => {
      const places = [[], ...continuations];
      const data = asked.flatMap(([name]) => {
        const words = distribution(prompts[(name as number) - 1000] as string);
        return places.flatMap((written) => {
          const prefix = written.map((id) => pieces[id]).join('');
          const next = new Map<number, number>();
          let total = 0;
          for (const [word, probability] of Object.entries(words)) {
            if (!word.startsWith(prefix)) continue;
            const id = cut(`${word}.`.slice(prefix.length))[0] as number;
            next.set(id, (next.get(id) ?? 0) + probability);
            total += probability;
          }
          return wanted.map((id) => (next.get(id) ?? 0) / (total || 1));
        });
      });
      return { data: Float32Array.from(data), shape: [asked.length, places.length, wanted.length] };
    },
  });
}

const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.', 'REF', 'USAL', 'CODE', '?'];
const whole = [...Array.from({ length: 101 }, (_, i) => String(i)), '.', 'REF', 'USAL', 'CODE', '?'];

describe.each([
  ['splits numbers', digits],
  ['has a token for each number', whole],
])('asked judge whose tokenizer %s', (_name, pieces) => {
  it('is the expectation of the distribution of whole numbers', async () => {
    const words = { '7': 0.1, '75': 0.3, '10': 0.1, '100': 0.2, '0': 0.1, CODE: 0.2 };
    const judge = new LocalJudge({ engine: scriptedEngine(pieces, () => words), model, rubrics: { alignment: 'How good is {answer}?' } });
    const [scores] = await judge.judge([{ question: 'q', answer: 'a' }]);
    expect(scores?.alignment).toBeCloseTo((7 * 0.1 + 75 * 0.3 + 10 * 0.1 + 100 * 0.2) / 0.8, 5);
  });

  it('keeps rows and rubrics apart, and passes refusals and missing mass on', async () => {
    const engine = scriptedEngine(pieces, (prompt): Record<string, number> => {
      if (prompt.includes('gibberish')) return prompt.includes('broken language') ? { '5': 1 } : { CODE: 0.5, '?': 0.4, '90': 0.1 };
      if (prompt.includes('decline!')) return prompt.includes('broken language') ? { '90': 1 } : { REFUSAL: 0.9, '50': 0.1 };
      return prompt.includes('broken language') ? { '95': 1 } : { '?': 0.85, '20': 0.15 };
    });
    const judge = new LocalJudge({ engine, model });
    const seen: number[] = [];
    const scores = await judge.judge(
      ['gibberish', 'decline!', 'plain', 'plain', 'plain', 'gibberish'].map((answer) => ({ question: 'q', answer })),
      { onScored: (index) => seen.push(index) },
    );
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
    expect(scores[0]).toMatchObject({ alignment: null, verdict: 'code' });
    expect(scores[0]?.coherence).toBeCloseTo(5, 5);
    expect(scores[1]).toMatchObject({ alignment: null, verdict: 'refusal' });
    expect(scores[2]).toMatchObject({ alignment: null, reason: 'alignment: numeric mass 0.15 < 0.25' });
    expect(scores[5]?.coherence).toBeCloseTo(5, 5);
  });
});

describe('asked judge', () => {
  it('gives a prompt beyond the context no score', async () => {
    const judge = new LocalJudge({ engine: scriptedEngine(whole, () => ({ '5': 1 })), model: { ...model, contextLength: 3 } });
    const [scores] = await judge.judge([{ question: 'q', answer: 'a' }]);
    expect(scores).toMatchObject({ alignment: null, coherence: null, reason: "longer than the model's 3 tokens" });
  });

  it('fills rubrics without reading placeholders in the answer', () => {
    expect(fillRubric('{question}|{answer}', '{answer} $&', '{question}')).toBe('{answer} $&|{question}');
    expect(DEFAULT_RUBRICS.alignment).toContain('{answer}');
  });
});
