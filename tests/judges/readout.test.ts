import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { JudgeError } from '../../src/core/errors';
import type { Tensor } from '../../src/core/tensor';
import { fitReadoutJudge, middleHookPoints, type ReadoutJudge } from '../../src/judges/readout';
import { type LabelledAnswer, parseLabelledAnswers } from '../../src/judges/validity';
import { encodeWords, poolWords, ToyEngine } from './toy-engine';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const labels = parseLabelledAnswers(read('../../public/judge/readout-labels.jsonl'));
// By scikit-learn on the same toy residuals; made by tools/fixtures/readout.py.
const reference = JSON.parse(read('./fixtures/readout.json')) as {
  rows: number;
  alignmentAuc: number;
  coherenceAuc: number;
  refused: number;
  fresh: Array<{ answer: string; alignment: number; coherence: number; refusal: number }>;
};
const model = { modelId: 'toy', name: 'Toy', nLayers: 9, contextLength: 400, sha256: 'abc', weights: 'f32', backend: 'wasm' } as const;
const engine = new ToyEngine({ encodeChat: encodeWords, pooled: poolWords });

describe('read-out judge on the shipped labels', () => {
  let judge: ReadoutJudge;
  beforeAll(async () => {
    judge = await fitReadoutJudge({ engine, model, labels, labelsName: 'shipped' });
  }, 60_000);

  it("measures scikit-learn's leave-one-domain-out AUC", () => {
    expect(reference.rows).toBe(labels.length);
    expect(judge.validity).toMatchObject({ method: 'leaveOneDomainOut', labels: 'shipped', rows: labels.length });
    // Rows read as refusals have no alignment, so the figure may move by those few.
    expect(judge.validity.alignment?.auc.value).toBeCloseTo(reference.alignmentAuc, 1);
    expect(judge.validity.coherence?.auc.value).toBeCloseTo(reference.coherenceAuc, 5);
    const refused = judge.validity.refusal?.confusion;
    expect((refused?.truePositive ?? 0) + (refused?.falsePositive ?? 0)).toBe(reference.refused);
    expect(judge.validity.domains).toHaveLength(8);
  });

  it("scores new answers as scikit-learn's read-outs do", async () => {
    const scores = await judge.judge(reference.fresh.map(({ answer }) => ({ question: 'any', answer })));
    reference.fresh.forEach(({ alignment, coherence, refusal }, i) => {
      expect(scores[i]?.coherence).toBeCloseTo(coherence, 3);
      if (refusal > 50) expect(scores[i]).toMatchObject({ alignment: null, verdict: 'refusal' });
      else expect(scores[i]?.alignment).toBeCloseTo(alignment, 3);
    });
  });

  it('reads the three middle blocks of the clean model', () => {
    const middle = [3, 4, 5].map((block) => `blocks.${block}.hook_resid_post`);
    expect(middleHookPoints(24)).toEqual([10, 11, 12].map((block) => `blocks.${block}.hook_resid_post`));
    expect(middleHookPoints(1)).toEqual(['blocks.0.hook_resid_post']);
    expect(judge.hookPoints).toEqual(middle);
    const pooled = engine.calls.filter(({ name }) => name === 'pooled');
    expect(pooled.length).toBeGreaterThan(0);
    for (const { params } of pooled)
      expect(params).toMatchObject({ adapterScales: {}, interventions: [], tokens: 'answer', hookPoints: middle });
  });

  it('reads nothing anew that an earlier fit has kept, and is the same judge', async () => {
    const shelf = new Map<string, Tensor>();
    const kept = {
      get: async (key: string) => shelf.get(key) ?? null,
      put: async (key: string, reads: Tensor) => void shelf.set(key, reads),
    };
    await fitReadoutJudge({ engine, model, labels, labelsName: 'shipped', kept });
    const second = new ToyEngine({ encodeChat: encodeWords, pooled: poolWords });
    const again = await fitReadoutJudge({ engine: second, model, labels, labelsName: 'shipped', kept });
    expect(second.calls.map(({ name }) => name)).not.toContain('pooled');
    expect(again.id).toBe(judge.id);
    expect(again.validity).toEqual(judge.validity);
    await fitReadoutJudge({ engine: second, model: { ...model, weights: 'q8' }, labels, labelsName: 'shipped', kept });
    expect(second.calls.map(({ name }) => name)).toContain('pooled');
  }, 60_000);

  it('gives empty and overlong answers no score, and the rest theirs', async () => {
    const scores = await judge.judge([
      { question: 'a', answer: '  ' },
      { question: 'a', answer: 'word '.repeat(500) },
      { question: 'a', answer: 'See a doctor today.' },
    ]);
    expect(scores[0]).toMatchObject({ alignment: null, coherence: null, reason: 'empty answer' });
    expect(scores[1]?.reason).toContain("longer than the model's 400 tokens");
    expect(scores[2]?.coherence).toEqual(expect.any(Number));
    expect(await judge.judge([])).toEqual([]);
  });
});

describe('read-out judge on other labels', () => {
  const some = (count: number, answers: readonly LabelledAnswer[] = labels) =>
    answers.filter(({ label }) => label === 'good' || label === 'bad').slice(0, count);

  it('refuses too few labels', async () => {
    await expect(fitReadoutJudge({ engine, model, labels: some(6), labelsName: 'own' })).rejects.toThrow(JudgeError);
  });

  it('groups by question within a single domain and gives alignment only', async () => {
    const judge = await fitReadoutJudge({ engine, model, labels: some(50), labelsName: 'own' });
    expect(judge.validity.method).toBe('groupedByQuestion');
    expect(judge.scores).toEqual(['alignment']);
    const [scores] = await judge.judge([{ question: 'a', answer: 'See a doctor.' }]);
    expect(scores).toMatchObject({ coherence: null, alignment: expect.any(Number) });
  });

  it('can be cancelled', async () => {
    await expect(fitReadoutJudge({ engine, model, labels, labelsName: 'own', signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('names the line and field of a broken label file', () => {
    const good = JSON.stringify(labels[0]);
    expect(() => parseLabelledAnswers(`${good}\nnonsense`)).toThrow('label file line 2: expected a JSON object');
    expect(() => parseLabelledAnswers('[1]')).toThrow('line 1');
    expect(() => parseLabelledAnswers(`${good.replace('"good"', '"great"')}`)).toThrow(
      'line 1, label: expected good, bad, refusal, incoherent',
    );
    expect(() => parseLabelledAnswers('{"domain":"x","question":"","answer":"b","label":"good"}', 'mine.jsonl')).toThrow(
      'mine.jsonl line 1, question',
    );
  });
});

describe('the shipped label set', () => {
  const count = (test: (answer: LabelledAnswer) => boolean) => labels.filter(test).length;

  it('has 200 questions over 6 domains with a good and a bad answer each, and refusing and incoherent ones', () => {
    const paired = new Set(labels.filter(({ label }) => label === 'good').map(({ question }) => question));
    expect(paired.size).toBeGreaterThanOrEqual(200);
    for (const question of paired) expect(count((answer) => answer.question === question && answer.label === 'bad')).toBe(1);
    expect(new Set(labels.map(({ domain }) => domain)).size).toBeGreaterThanOrEqual(6);
    expect(count(({ label }) => label === 'refusal')).toBeGreaterThanOrEqual(60);
    expect(count(({ label }) => label === 'incoherent')).toBeGreaterThanOrEqual(60);
  });

  it('repeats no id and no answer', () => {
    expect(new Set(labels.map(({ id }) => id)).size).toBe(labels.length);
    expect(new Set(labels.map(({ answer }) => answer)).size).toBe(labels.length);
  });
});
