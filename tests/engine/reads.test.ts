import { describe, expect, test } from 'vitest';
import { forward, pooled, project, scoreAnswers } from '../../src/engine/worker/reads';
import { loadFixture, readReference, relativeError } from './node-model';

const FAMILIES = [
  'qwen2-tied',
  'qwen2-window',
  'qwen3-tied',
  'qwen3-bias',
  'llama-tied',
  'llama-linear',
  'gemma2-tied',
  'gemma2-untied',
  'gemma3-tied',
  'gemma3-untied',
];

describe.each(FAMILIES)('%s', (name) => {
  test('every hook point and the logits agree with transformers, ragged rows in one batch', async () => {
    const model = await loadFixture(name);
    const { rows, tensors } = await readReference(name);
    const hookPoints = [
      'hook_embed',
      'blocks.*.hook_resid_pre',
      'blocks.*.hook_resid_mid',
      'blocks.*.hook_resid_post',
      'ln_final.hook_normalized',
    ];
    const result = await forward(model, { ids: rows, hookPoints, logits: 'all' });
    const width = Math.max(...result.lengths);
    for (const [hookPoint, { data, shape }] of [...Object.entries(result.activations), ['logits', result.logits] as const].filter(
      ([, t]) => t,
    ) as Array<[string, { data: Float32Array; shape: number[] }]>) {
      const want = tensors.get(`base/${hookPoint}`);
      if (!want) continue;
      const size = shape[2] as number;
      const valid = rows.flatMap((row, index) =>
        row.map((_, position) => data.subarray((index * width + position) * size, (index * width + position + 1) * size)),
      );
      const got = Float32Array.from(valid.flatMap((part) => [...part]));
      expect(relativeError(got, want), hookPoint).toBeLessThan(1e-5);
    }
    await model.dispose();
  });
});

test.each(['gemma2-untied', 'gemma3-untied'])('%s: both attention graphs give the same residuals', async (name) => {
  const { rows } = await readReference(name);
  const read = async (attention: 'grouped' | 'decomposed') => {
    const model = await loadFixture(name, { attention });
    const result = await forward(model, { ids: rows, hookPoints: ['blocks.*.hook_resid_post'], logits: 'none' });
    await model.dispose();
    return result.activations;
  };
  const [grouped, decomposed] = [await read('grouped'), await read('decomposed')];
  for (const [site, { data }] of Object.entries(grouped))
    expect(relativeError(decomposed[site]?.data ?? [], data), site).toBeLessThan(1e-6);
});

test('pooled means, norms and projections agree with the residuals they summarise', async () => {
  const model = await loadFixture('qwen3-tied');
  const rows = (await readReference('qwen3-tied')).rows;
  const promptLengths = rows.map((row) => Math.floor(row.length / 2));
  const { dModel } = model.config;
  const hookPoint = 'blocks.1.hook_resid_post';
  const direction = Float32Array.from({ length: dModel }, (_, i) => Math.cos(3 * i));
  const full = (await forward(model, { ids: rows, hookPoints: [hookPoint], logits: 'none' })).activations[hookPoint];
  const split = rows.map((row, index) => ({ promptIds: row.slice(0, promptLengths[index]), answerIds: row.slice(promptLengths[index]) }));
  const means = await pooled(model, { rows: split, hookPoints: [hookPoint], tokens: 'answer' }, () => undefined);
  const projections = await project(model, { ids: rows, probes: [{ hookPoint, values: direction }] });
  const width = full?.shape[1] as number;
  const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
  rows.forEach((row, index) => {
    const tokens = row.map(
      (_, position) => full?.data.subarray((index * width + position) * dModel, (index * width + position + 1) * dModel) as Float32Array,
    );
    const answer = tokens.slice(promptLengths[index]);
    const mean = Float64Array.from(
      { length: dModel },
      (_, i) => answer.reduce((sum, token) => sum + (token[i] as number), 0) / answer.length,
    );
    expect(relativeError(means.means[hookPoint]?.data.subarray(index * dModel, (index + 1) * dModel) ?? [], mean)).toBeLessThan(1e-6);
    const norms = answer.map((token) => Math.sqrt(token.reduce((sum, value) => sum + value * value, 0)));
    expect(means.norms[hookPoint]?.[index]).toBeCloseTo(norms.reduce((sum, value) => sum + value, 0) / norms.length, 3);
    const wanted = tokens.map((token) => token.reduce((sum, value, i) => sum + value * (direction[i] as number), 0) / length);
    expect(relativeError(projections[index]?.data ?? [], wanted)).toBeLessThan(1e-5);
  });
  await model.dispose();
});

test('an answer scores as the log-softmax of the logits before each of its tokens', async () => {
  const model = await loadFixture('qwen2-window');
  const { rows, promptLengths } = await readReference('qwen2-window');
  const { vocabSize } = model.config;
  const all = await forward(model, { ids: rows, logits: 'all' });
  const split = rows.map((row, index) => ({ promptIds: row.slice(0, promptLengths[index]), answerIds: row.slice(promptLengths[index]) }));
  const scores = await scoreAnswers(model, { rows: split });
  const width = all.logits?.shape[1] as number;
  rows.forEach((row, index) => {
    let sum = 0;
    const prompt = promptLengths[index] as number;
    for (let position = prompt; position < row.length; position++) {
      const at = (index * width + position - 1) * vocabSize;
      const line = all.logits?.data.subarray(at, at + vocabSize) as Float32Array;
      const wanted = (line[row[position] as number] as number) - Math.log(line.reduce((total, value) => total + Math.exp(value), 0));
      expect(scores[index]?.tokenLogProbs[position - prompt]).toBeCloseTo(wanted, 4);
      sum += wanted;
    }
    expect(scores[index]?.logProb).toBeCloseTo(sum, 3);
    expect(scores[index]?.tokenCount).toBe(row.length - prompt);
  });
  await model.dispose();
});
