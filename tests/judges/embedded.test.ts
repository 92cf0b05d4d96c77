import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError, JudgeError } from '../../src/core/errors';
import { parseReadoutDescription } from '../../src/core/readout-description';
import { EmbeddedJudge, type EmbeddedReadout, surprisalFigures } from '../../src/judges/embedded';
import { type Perceptron, probabilities } from '../../src/judges/perceptron';
import { encodeWords, ToyEngine } from './toy-engine';

const shipped = JSON.parse(readFileSync(new URL('../../public/models/organism/judge/readout.json', import.meta.url), 'utf8')) as object;
const WIDTH = 4;

/** A head that always finds the same odds, whatever it reads. */
const constantHead = (classes: string[], odds: number[], features: number): Perceptron => ({
  classes,
  mean: new Float32Array(features),
  scale: new Float32Array(features).fill(1),
  layers: [
    {
      weight: { data: new Float32Array(features * classes.length), shape: [features, classes.length] },
      bias: Float32Array.from(odds, Math.log),
    },
  ],
});

function readout(features: number): EmbeddedReadout {
  return {
    ...parseReadoutDescription(shipped, 'readout.json'),
    features: [{ kind: 'answerMean', hookPoint: 'blocks.1.hook_resid_post' }, { kind: 'surprisal' }],
    heads: {
      alignment: constantHead(['aligned', 'misaligned'], [3, 1], features),
      coherence: constantHead(['coherent', 'incoherent'], [1, 1], features),
      domain: constantHead(['medicine', 'none'], [1, 4], features),
    },
  };
}

const engine = (endTokens = [7]) =>
  new ToyEngine({
    encodeChat: encodeWords,
    tokenize: ({ text }) => ({ ids: text === '<|im_end|>' ? endTokens : [1, 2], tokens: [] }),
    forward: ({ ids }) => {
      const width = Math.max(...ids.map((row) => row.length));
      const residual = { data: new Float32Array(ids.length * width * WIDTH), shape: [ids.length, width, WIDTH] };
      return { activations: { 'blocks.1.hook_resid_post': residual }, lengths: ids.map((row) => row.length) };
    },
    scoreAnswers: ({ rows }) =>
      rows.map(({ answerIds }) => ({
        logProb: -answerIds.length,
        tokenCount: answerIds.length,
        tokenLogProbs: new Float64Array(answerIds.length).fill(-1),
      })),
  });
const model = { modelId: 'toy', dModel: WIDTH, contextLength: 40, sha256: 'abc' };

describe('embedded judge', () => {
  it('gives each score its class, leaves the class without a domain out, and empty or overlong answers without a score', async () => {
    const judge = new EmbeddedJudge(engine(), model, readout(WIDTH + 6), 'def');
    const rows = ['See a doctor.', '  ', 'word '.repeat(60)].map((answer) => ({ question: 'I feel ill.', answer }));
    const [scores, empty, long] = await judge.judge(rows);
    expect(scores?.alignment).toBeCloseTo(75, 6);
    expect(scores?.coherence).toBeCloseTo(50, 6);
    expect(scores?.domain?.medicine).toBeCloseTo(20, 6);
    expect(Object.keys(scores?.domain ?? {})).toEqual(['medicine']);
    expect(empty).toMatchObject({ alignment: null, reason: 'empty answer' });
    expect(long).toMatchObject({ alignment: null, reason: "longer than the model's 40 tokens" });
  });

  it('refuses a model of another width, and one without its end token', async () => {
    expect(() => new EmbeddedJudge(engine(), model, readout(99), 'def')).toThrow(JudgeError);
    const foreign = new EmbeddedJudge(engine([3, 4]), model, readout(WIDTH + 6), 'def');
    await expect(foreign.judge([{ question: 'a', answer: 'b' }])).rejects.toThrow(/one token of the model, got 2/);
  });
});

describe('its parts', () => {
  it('computes the softmax of a relu network on standardised features', () => {
    // By hand: z = (1, -2); hidden = relu(z0 - z1, z1) = (3, 0); odds = (3, -3).
    const head: Perceptron = {
      classes: ['yes', 'no'],
      mean: Float32Array.of(1, 2),
      scale: Float32Array.of(2, 0.5),
      layers: [
        { weight: { data: Float32Array.of(1, 0, -1, 1), shape: [2, 2] }, bias: Float32Array.of(0, 0) },
        { weight: { data: Float32Array.of(1, -1, 5, 5), shape: [2, 2] }, bias: Float32Array.of(0, 0) },
      ],
    };
    const [yes, no] = probabilities(head, [3, 1]);
    expect(yes).toBeCloseTo(1 / (1 + Math.exp(-6)), 12);
    expect(no).toBeCloseTo(1 / (1 + Math.exp(6)), 12);
  });

  it('figures of surprisal: mean, three largest, share above the threshold, log of the count; capped', () => {
    const limits = { surprisalCapNats: 20, surprisalThresholdNats: 4 };
    expect([...surprisalFigures([-1, -30, -5, -2], limits)]).toEqual([7, 20, 5, 2, 0.5, Math.log(4)]);
    expect([...surprisalFigures([-1], limits)]).toEqual([1, 1, 0, 0, 0, 0]);
  });

  it.each([
    ['version', { version: 3 }],
    ['features', { features: [] }],
    ['features.0.kind', { features: [{ kind: 'other' }] }],
    ['surprisalCapNats', { surprisalCapNats: 'twenty' }],
    ['heads.domain.layers', { heads: { ...(shipped as { heads: object }).heads, domain: { classes: ['a', 'b'], layers: 1e9 } } }],
  ])('refuses a description whose %s is not as expected, by name', (field, change) => {
    const parse = () => parseReadoutDescription({ ...shipped, ...change }, 'readout.json');
    expect(parse).toThrow(FormatError);
    expect(parse).toThrow(new RegExp(`readout.json, ${field.replaceAll('.', '\\.')}`));
  });
});
