import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TokenEvent } from '../../src/engine/api';
import { generate } from '../../src/engine/worker/generate';
import type { LoadedModel } from '../../src/engine/worker/loaded-model';
import { project } from '../../src/engine/worker/reads';
import { loadFixture, readReference, relativeError } from './node-model';

let model: LoadedModel;
let prompts: number[][];

beforeAll(async () => {
  model = await loadFixture('qwen2-window');
  prompts = (await readReference('qwen2-window')).rows;
});

afterAll(() => model.dispose());

const SAMPLING = { maxNewTokens: 10, temperature: 0.9, topP: 0.95, topK: 40, seed: 7 };

test('a row gets the same tokens whatever else is in the batch', async () => {
  const together = await generate(model, { prompts, n: 3, ...SAMPLING }, () => undefined);
  for (const [index, prompt] of prompts.entries()) {
    const alone = await generate(model, { prompts: [prompt], n: 3, streamIndices: [index], ...SAMPLING }, () => undefined);
    expect(alone.map(({ ids }) => ids)).toEqual(together.filter((answer) => answer.prompt === index).map(({ ids }) => ids));
  }
  expect(new Set(together.map(({ ids }) => ids.join())).size).toBeGreaterThan(prompts.length);
});

test('stop tokens end an answer and are not part of it; finished rows leave the batch', async () => {
  const free = await generate(model, { prompts, n: 2, ...SAMPLING }, () => undefined);
  const stop = free[1]?.ids[4] as number;
  const stopping = await loadFixture('qwen2-window');
  stopping.info = { ...stopping.info, stopTokenIds: [stop] };
  const stopped = await generate(stopping, { prompts, n: 2, ...SAMPLING }, () => undefined);
  stopped.forEach((answer, index) => {
    const at = (free[index]?.ids ?? []).indexOf(stop);
    expect(answer.ids).toEqual(at < 0 ? free[index]?.ids : free[index]?.ids.slice(0, at));
    expect(answer.stopReason).toBe(at < 0 ? 'length' : 'stop');
  });
  await stopping.dispose();
});

test('projections while writing equal those of reading the whole again', async () => {
  const { dModel, nLayers } = model.config;
  const probes = [0, nLayers - 1, 0].map((block, i) => ({
    hookPoint: `blocks.${block}.hook_resid_post`,
    values: Float32Array.from({ length: dModel }, (_, j) => Math.sin((i + 2) * j)),
  }));
  const events: TokenEvent[] = [];
  const [answer] = await generate(model, { prompts: prompts.slice(1, 2), probes, ...SAMPLING }, (event) => void events.push(event));
  const ids = [...(prompts[1] as number[]), ...(answer?.ids ?? [])];
  const [whole] = await project(model, { ids: [ids], probes });
  const written = (answer?.ids.length ?? 0) - 1;
  const start = (prompts[1] as number[]).length * probes.length;
  expect(
    relativeError(
      answer?.projections.subarray(0, written * probes.length) ?? [],
      whole?.data.subarray(start, start + written * probes.length) ?? [],
    ),
  ).toBeLessThan(1e-5);
  expect([...(answer?.projections.subarray(written * probes.length) ?? [])].every(Number.isNaN)).toBe(true);
  expect(events.flatMap((event) => event.ids)).toEqual(answer?.ids);
});

test('an abort returns what was written within one token', async () => {
  const controller = new AbortController();
  let tokens = 0;
  const answers = await generate(
    model,
    { prompts, n: 2, ...SAMPLING },
    () => void (++tokens === 3 && controller.abort()),
    controller.signal,
  );
  expect(answers.map(({ ids }) => ids.length)).toEqual(answers.map(() => 3));
  expect(new Set(answers.map(({ stopReason }) => stopReason))).toEqual(new Set(['abort']));
});

test.each([
  [{ n: 0 }, /n: expected a whole number/],
  [{ temperature: -1 }, /temperature/],
  [{ topP: 0 }, /topP/],
  [{ prompts: [[]] }, /token row 0/],
  [{ prompts: [[99999]] }, /expected ids below/],
  [{ adapterScales: { nobody: 1 } }, /adapter "nobody"/],
])('%j is refused', async (wrong, message) => {
  await expect(generate(model, { prompts, ...SAMPLING, ...wrong }, () => undefined)).rejects.toThrow(message);
});
