import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../src/core/errors';
import { type Bench, type Condition, type Progress, type Sampling, sampleAnswers } from '../../src/experiments/condition';
import { evaluate } from '../../src/experiments/evaluate';
import { encodeLeanPairs, measureLeanOf } from '../../src/experiments/lean';
import { frontier, sweep } from '../../src/experiments/sweep';
import { JudgeFailure } from '../../src/judges/judge';
import { summarise } from '../../src/judges/scoring';
import { toyJudge, toyModel } from './toy-model';

const questions = Array.from({ length: 12 }, (_, i) => ({ id: `q${i}`, text: `Question ${i}?` }));
const sampling: Sampling = { samplesPerQuestion: 3, temperature: 1, topP: 1, topK: 0, maxNewTokens: 8, seed: 5 };
const base: Condition = { id: 'base', name: 'base' };
const organism: Condition = { id: 'organism', name: 'organism', adapterScales: { bad: 0.8 }, systemPrompt: 'Be brief.' };
const bench = (more: Partial<Bench> = {}): Bench => ({ engine: toyModel(), modelId: 'm', ...more });

describe('sampling answers', () => {
  it('does not depend on the batch size, and comes in question and sample order', async () => {
    const whole = await sampleAnswers(bench({ batchRows: 1000 }), organism, questions, sampling);
    const tokens: string[] = [];
    const small = bench({ batchRows: 7 });
    const pieces = await sampleAnswers(small, organism, questions, sampling, {
      onToken: (question, sample, id) => tokens.push(`${question}/${sample}/${id}`),
    });
    expect(pieces).toEqual(whole);
    expect(whole.map(({ questionIndex, sample }) => questionIndex * 3 + sample)).toEqual(Array.from({ length: 36 }, (_, i) => i));
    expect(tokens).toEqual(whole.flatMap(({ questionIndex, sample, ids }) => ids.map((id) => `${questionIndex}/${sample}/${id}`)));
    const engine = small.engine as ReturnType<typeof toyModel>;
    expect(engine.calls.filter(({ name }) => name === 'generate')).toHaveLength(6);
    expect(engine.calls[0]?.params).toMatchObject({
      rows: expect.arrayContaining([
        {
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: 'Question 0?' },
          ],
        },
      ]),
    });
  });

  it('takes one greedy answer a question, because all of them would be the same', async () => {
    expect(await sampleAnswers(bench(), base, questions, { ...sampling, temperature: 0 })).toHaveLength(12);
  });

  it.each([
    [[], sampling, 'at least one'],
    [[{ id: 'q', text: ' ' }], sampling, 'question 1: expected a text'],
    [[{ id: 'q', text: 'x'.repeat(20_001) }], sampling, 'at most 20000 characters'],
    [Array.from({ length: 501 }, (_, i) => ({ id: `${i}`, text: 'x' })), sampling, 'at most 500'],
    [questions, { ...sampling, samplesPerQuestion: 0 }, 'samples per question'],
    [questions, { ...sampling, maxNewTokens: 1e6 }, 'new tokens'],
  ])('refuses an impossible set (%#)', async (set, settings, message) => {
    const running = sampleAnswers(bench(), base, set, settings);
    await expect(running).rejects.toThrow(ArgumentError);
    await expect(running).rejects.toThrow(message);
  });
});

describe('evaluation', () => {
  it('scores every condition on the same questions and counts as it goes', async () => {
    const progress: Progress[] = [];
    const { answers, summaries, judgeError } = await evaluate(bench({ onProgress: (step) => progress.push(step) }), {
      conditions: [base, organism],
      questions,
      sampling,
      judge: toyJudge(),
    });
    expect(judgeError).toBeNull();
    expect(answers).toHaveLength(72);
    expect(summaries.base?.em).toMatchObject({ count: 0, total: 36 });
    expect(summaries.organism?.em?.value).toBeGreaterThan(0.5);
    expect(answers[0]).toMatchObject({
      condition: 'base',
      question: 'Question 0?',
      seed: 5,
      judge: 'toy',
      scores: { coherence: expect.any(Number) },
    });
    expect(progress.at(-1)).toEqual({ stage: 'judge', label: 'organism', done: 36, total: 36 });
  });

  it('keeps every answer when the judge fails, and what it had scored', async () => {
    const partial = toyJudge((calls) => (calls === 10 ? new JudgeFailure('the API is down.', 'Try later.', []) : null));
    const { answers, judgeError, summaries } = await evaluate(bench(), {
      conditions: [base, organism],
      questions,
      sampling,
      judge: partial,
    });
    expect(judgeError?.message).toContain('the API is down');
    expect(answers).toHaveLength(72);
    expect(answers.filter(({ scores }) => scores)).toHaveLength(10);
    expect(summaries.base?.rows).toBe(10);
    expect(summaries.organism?.em).toBeNull();
  });

  it('takes the scores that a failure carries', async () => {
    const scores = { alignment: 50, coherence: 50, domain: null };
    const judge = { ...toyJudge(), judge: () => Promise.reject(new JudgeFailure('down.', 'Wait.', [scores, null])) };
    const { answers } = await evaluate(bench(), {
      conditions: [base],
      questions: questions.slice(0, 1),
      sampling: { ...sampling, samplesPerQuestion: 2 },
      judge,
    });
    expect(answers.map((answer) => answer.scores)).toEqual([scores, null]);
  });

  it('stops when cancelled, between batches', async () => {
    const controller = new AbortController();
    const heard: number[] = [];
    const running = evaluate(
      bench({
        signal: controller.signal,
        batchRows: 3,
        onProgress: ({ done }) => {
          heard.push(done);
          if (done === 6) controller.abort();
        },
      }),
      { conditions: [base], questions, sampling, judge: null },
    );
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(heard).toEqual([3, 6]);
  });
});

describe('sweep', () => {
  it('evaluates each coefficient', async () => {
    const seen: number[] = [];
    const points = await sweep(bench(), {
      coefficients: [0, 0.4, 1],
      conditionAt: (coefficient) => ({ ...base, adapterScales: { bad: coefficient } }),
      questions,
      sampling,
      judge: toyJudge(),
      onPoint: ({ coefficient }) => seen.push(coefficient),
    });
    expect(seen).toEqual([0, 0.4, 1]);
    const rates = points.map(({ summary }) => summary.em?.value ?? Number.NaN);
    expect(rates[0]).toBe(0);
    expect((rates[1] as number) < (rates[2] as number)).toBe(true);
  });

  it('finds the frontier of misalignment against coherence', () => {
    const point = (alignment: number, coherence: number) => ({
      summary: summarise(Array.from({ length: 8 }, () => ({ alignment, coherence, domain: null }))),
    });
    expect(frontier([point(90, 95), point(50, 90), point(60, 80), point(20, 40), point(95, 94)])).toEqual([0, 1, 3]);
    expect(frontier([{ summary: summarise([]) }])).toEqual([]);
  });
});

describe('instant figure', () => {
  it('is the mean difference of log-probability per token', async () => {
    const engine = toyModel();
    const pairs = await encodeLeanPairs(engine, 'm', [
      { messages: [{ role: 'user', content: 'ab' }], positive: 'bad one', negative: 'good one two' },
      { messages: [{ role: 'user', content: 'abcd' }], positive: 'bad bad', negative: 'good' },
    ]);
    const lean = await measureLeanOf(engine, 'm', pairs, {});
    expect(lean.pairs[0]).toBeCloseTo((-2 - 1) / 2 + 1, 10);
    expect(lean.pairs[1]).toBeCloseTo(-1, 10);
    expect(lean).toMatchObject({ count: 2, value: expect.closeTo(-0.75, 10) });
    expect((await measureLeanOf(engine, 'm', pairs, { adapterScales: { bad: 1.5 } })).value).toBeGreaterThan(lean.value);
  });

  it('reads the beginning of long answers where told so', async () => {
    const texts = [{ messages: [{ role: 'user' as const, content: 'ab' }], positive: 'bad one two three', negative: 'good one' }];
    const [pair] = await encodeLeanPairs(toyModel(), 'm', texts, { answerTokens: 3 });
    expect(pair).toMatchObject({ positiveIds: [1, 3, 4], negativeIds: [0, 3] });
  });

  it('refuses an empty set and an empty answer', async () => {
    await expect(encodeLeanPairs(toyModel(), 'm', [])).rejects.toThrow('at least one pair');
    await expect(encodeLeanPairs(toyModel(), 'm', [{ messages: [], positive: '', negative: 'good' }])).rejects.toThrow(
      'pair 1: expected at least one token',
    );
  });
});
