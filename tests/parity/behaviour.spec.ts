import { join } from 'node:path';
import { MAX_OUTSTANDING_EVENTS } from '../../src/engine/dispatcher';
import { compareGreedy, type ReferenceTensor, readReference, relativeError, smallestRowCosine, withoutPads } from './support/compare';
import { droppedFolder, expect, FIXTURE_FOLDER, readCases, test } from './support/fixtures';
import type { ForwardAnswer } from './support/vane-page';

const FIXTURE = 'qwen3-tied';
const cases = readCases(FIXTURE);
const reference = readReference(join(FIXTURE_FOLDER, FIXTURE, 'reference.safetensors'));
const D_MODEL = 48;
const DIRECTION = Array.from({ length: D_MODEL }, (_, i) => Math.sin(1 + i * i));
const EVERYWHERE = ['hook_embed', 'blocks.*.hook_resid_mid', 'blocks.*.hook_resid_post', 'ln_final.hook_normalized'];
const PROMPT = cases.rows[1] ?? [];

/** Every value of an answer as one byte string: equal strings are bit-identical answers. */
function bits(answer: ForwardAnswer): string {
  const parts = [...answer.activations.values(), ...(answer.logits ? [answer.logits] : [])];
  return parts.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')).join('|');
}

/** softmax of the reference's logits after `row`, in f64. */
function referenceProbabilities(row: number): Float64Array {
  const logits = reference.get('base/logits') as ReferenceTensor;
  const width = logits.shape[1] ?? 0;
  const end = cases.rows.slice(0, row + 1).reduce((sum, ids) => sum + ids.length, 0);
  const last = Float64Array.from(logits.data.subarray((end - 1) * width, end * width));
  const largest = last.reduce((a, b) => Math.max(a, b));
  const weights = last.map((logit) => Math.exp(logit - largest));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

test.describe('one loaded model', () => {
  test.beforeAll(async ({ vane, host, backend }) => {
    const adapters = ['rank1', 'rslora'].map((name) => ({ name, source: `${host.origin}/fixtures/${FIXTURE}/adapters/${name}` }));
    await vane.load('m', { source: droppedFolder(FIXTURE, host.origin), backend, weights: 'f32', adapters });
  });
  test.afterAll(async ({ vane }) => vane.dispose('m'));

  test('no edit, coefficient 0, an empty mask, scale 0 and no adapter are bit-identical', async ({ vane }) => {
    const read = { hookPoints: EVERYWHERE, logits: 'all' as const };
    const plain = bits(await vane.forward('m', cases.rows, read));
    const steer = {
      direction: DIRECTION,
      operation: 'steer' as const,
      hookPoints: ['hook_embed', 'blocks.*.hook_resid_mid', 'blocks.*.hook_resid_post'],
    };
    const runs = {
      again: read,
      'coefficient 0': { ...read, interventions: [{ ...steer, coefficient: 0 }] },
      'coefficient 0 by token norm': { ...read, interventions: [{ ...steer, coefficient: 0, unit: 'tokenNorm' as const }] },
      'coefficient 0 by residual norm': { ...read, interventions: [{ ...steer, coefficient: 0, unit: 'residNorm' as const }] },
      'empty mask': { ...read, interventions: [{ ...steer, operation: 'ablate' as const, tokens: [] }] },
      'no response tokens': { ...read, interventions: [{ ...steer, coefficient: 2, tokens: 'response' as const }] },
      'scale 0': { ...read, adapterScales: { rank1: 0, rslora: 0 } },
      'no adapter named': { ...read, adapterScales: {} },
    };
    for (const [name, options] of Object.entries(runs)) {
      expect.soft(bits(await vane.forward('m', cases.rows, options)) === plain, name).toBe(true);
    }
  });

  test('a ragged batch equals solo runs', async ({ vane, figures }) => {
    const read = { hookPoints: EVERYWHERE, logits: 'all' as const };
    const together = await vane.forward('m', cases.rows, read);
    for (const [row, ids] of cases.rows.entries()) {
      const alone = await vane.forward('m', [ids], read);
      for (const [name, solo] of [...alone.activations, ['logits', alone.logits as ReferenceTensor] as const]) {
        const batch = name === 'logits' ? (together.logits as ReferenceTensor) : (together.activations.get(name) as ReferenceTensor);
        const [, positions = 0, width = 0] = batch.shape;
        const start = row * positions * width;
        const error = relativeError(batch.data.slice(start, start + ids.length * width), solo.data);
        expect.soft(figures.largest('ragged batch against solo', error), `row ${row} ${name}`).toBeLessThanOrEqual(1e-6);
      }
    }
  });

  test('the same seed gives the same tokens, whatever the batch', async ({ vane }) => {
    const sample = { temperature: 1, maxNewTokens: 12, seed: 7 };
    const four = (await vane.generate('m', PROMPT, { ...sample, n: 4 })).answers.map(({ ids }) => ids);
    const again = (await vane.generate('m', PROMPT, { ...sample, n: 4 })).answers.map(({ ids }) => ids);
    const two = (await vane.generate('m', PROMPT, { ...sample, n: 2 })).answers.map(({ ids }) => ids);
    const other = (await vane.generate('m', PROMPT, { ...sample, n: 4, seed: 8 })).answers.map(({ ids }) => ids);
    expect(again).toEqual(four);
    expect(two).toEqual(four.slice(0, 2));
    expect(other).not.toEqual(four);
    expect(new Set(four.map(String)).size).toBe(4);
  });

  test('top-k 1, a tiny top-p and a tiny temperature are greedy', async ({ vane }) => {
    const greedy = cases.greedy[1] ?? { ids: [], gaps: [] };
    for (const options of [{ topK: 1 }, { topP: 1e-6 }, { temperature: 1e-4 }]) {
      const { answers } = await vane.generate('m', PROMPT, { temperature: 1, maxNewTokens: 32, seed: 3, ...options });
      expect.soft(compareGreedy(answers[0]?.ids ?? [], greedy), JSON.stringify(options)).toMatchObject({ agrees: true });
    }
  });

  test('samples follow the softmax of the reference (chi-square)', async ({ vane, backend, figures }) => {
    const seeds = backend === 'wasm' ? [11, 12, 13] : [11];
    const draws = 200 * seeds.length;
    const answers = [];
    for (const seed of seeds) {
      answers.push(...(await vane.generate('m', cases.rows[0] ?? [], { temperature: 1, topP: 1, maxNewTokens: 1, n: 200, seed })).answers);
    }
    const counts = new Map<number, number>();
    for (const { ids } of answers) counts.set(ids[0] ?? -1, (counts.get(ids[0] ?? -1) ?? 0) + 1);
    let statistic = 0;
    let cells = 0;
    let restExpected = 0;
    let restCount = 0;
    referenceProbabilities(0).forEach((probability, id) => {
      const expected = probability * draws;
      const count = counts.get(id) ?? 0;
      if (expected < 5) {
        restExpected += expected;
        restCount += count;
        return;
      }
      statistic += (count - expected) ** 2 / expected;
      cells++;
    });
    if (restExpected > 0) statistic += (restCount - restExpected) ** 2 / restExpected;
    // With `cells` degrees of freedom the statistic has mean `cells` and variance `2 cells`; five deviations are never seen by chance.
    const deviations = (statistic - cells) / Math.sqrt(2 * cells);
    expect(figures.largest('sampling chi-square, deviations', deviations)).toBeLessThan(5);
  });

  test('an abort stops within one token, and the next call is as before', async ({ vane, figures }) => {
    const rows = 4;
    const streamedAfter: number[] = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      const aborted = await vane.generate('m', PROMPT, { temperature: 1, seed: 1, n: rows, maxNewTokens: 200, abortAfter: 12 });
      // What was on its way when the abort was sent cannot be called back; back-pressure bounds it whatever the machine does.
      expect(aborted.streamedAfterAbort).toBeLessThanOrEqual(MAX_OUTSTANDING_EVENTS * rows);
      expect(figures.largest('abort, ms', aborted.abortMs)).toBeLessThan(3000);
      streamedAfter.push(aborted.streamedAfterAbort);
    }
    // A step here takes about as long as a message, so a busy machine delays some aborts by a step; an engine that does not listen delays all.
    expect(Math.min(...streamedAfter)).toBeLessThanOrEqual(rows);
    const after = await vane.generate('m', PROMPT, { temperature: 0, maxNewTokens: 12 });
    const greedy = cases.greedy[1] ?? { ids: [], gaps: [] };
    expect(compareGreedy(after.answers[0]?.ids ?? [], { ids: greedy.ids.slice(0, 12), gaps: greedy.gaps })).toMatchObject({ agrees: true });
  });

  test('streamed tokens are the answer', async ({ vane }) => {
    const { answers, streamed } = await vane.generate('m', PROMPT, { temperature: 0, maxNewTokens: 9 });
    expect(answers[0]?.ids).toHaveLength(9);
    expect(answers[0]?.stopReason).toBe('length');
    expect(streamed).toBe(9);
  });

  test('calls at the same time do not disturb each other', async ({ vane }) => {
    const read = { logits: 'all' as const };
    const alone = bits(await vane.forward('m', cases.rows, read));
    const [greedy, forward] = await Promise.all([
      vane.generate('m', PROMPT, { temperature: 0, maxNewTokens: 10 }),
      vane.forward('m', cases.rows, read),
    ]);
    expect(bits(forward)).toBe(alone);
    const expected = cases.greedy[1] ?? { ids: [], gaps: [] };
    expect(compareGreedy(greedy.answers[0]?.ids ?? [], { ids: expected.ids.slice(0, 10), gaps: expected.gaps })).toMatchObject({
      agrees: true,
    });
  });
});

test('a stop token ends the answer', async ({ vane, host, backend }) => {
  // The reference stopped early in one row of one fixture, at that family's end-of-turn token.
  const fixture = 'qwen3-bias';
  const { rows, greedy } = readCases(fixture);
  const row = greedy.findIndex(({ ids }) => ids.length < 32);
  await vane.load('stops', { source: droppedFolder(fixture, host.origin), backend, weights: 'f32' });
  const { answers } = await vane.generate('stops', rows[row] ?? [], { temperature: 0, maxNewTokens: 32 });
  expect(answers[0]).toMatchObject({ stopReason: 'stop', ids: greedy[row]?.ids });
  await vane.dispose('stops');
});

for (const [fixture, form] of [
  ['gemma3-tied', 'transformers 4'],
  ['llama-tied', 'transformers 4'],
] as const) {
  test(`${fixture}: config.json as ${form} writes it means the same model`, async ({ vane, host, backend, figures }) => {
    const old = droppedFolder(fixture, host.origin, { 'config.json': 'config.transformers4.json' });
    await vane.load('old', { source: old, backend, weights: 'f32' });
    const rows = readCases(fixture).rows;
    const answer = await vane.forward('old', rows, { logits: 'all' });
    const expected = readReference(join(FIXTURE_FOLDER, fixture, 'reference.safetensors')).get('base/logits') as ReferenceTensor;
    const error = relativeError(withoutPads(answer.logits as ReferenceTensor, answer.lengths), expected.data);
    expect(figures.largest(`${fixture} transformers-4 config`, error)).toBeLessThanOrEqual(1e-5);
    await vane.dispose('old');
  });
}

for (const [weights, bound] of [
  ['q8', 0.999],
  ['q4', 0.8],
] as const) {
  for (const fixture of ['qwen3-tied', 'gemma3-untied', 'gguf-gemma3']) {
    test(`${fixture}: ${weights} stays near f32 at every hook point`, async ({ vane, host, backend, figures }) => {
      await vane.load(weights, { source: droppedFolder(fixture, host.origin), backend, weights });
      const answer = await vane.forward(weights, readCases(fixture).rows, { hookPoints: EVERYWHERE });
      const expected = readReference(join(FIXTURE_FOLDER, fixture, 'reference.safetensors'));
      for (const [name, got] of answer.activations) {
        const truth = expected.get(`base/${name}`) as ReferenceTensor;
        const cosine = smallestRowCosine(withoutPads(got, answer.lengths), truth.data, truth.shape[1] ?? 1);
        figures.largest(`${fixture} ${weights} 1 - cosine`, 1 - cosine);
        expect.soft(cosine, name).toBeGreaterThanOrEqual(bound);
      }
      await vane.dispose(weights);
    });
  }
}
