import { join } from 'node:path';
import type { Worker } from '@playwright/test';
import { type ReferenceTensor, readReference, relativeError, withoutPads } from './support/compare';
import { appUrl, droppedFolder, expect, FIXTURE_FOLDER, readCases, startHost, test } from './support/fixtures';
import { keepDevice, loseDevice } from './support/gpu-device';
import { VanePage } from './support/vane-page';

const FIXTURE = 'qwen3-tied';
const cases = readCases(FIXTURE);
const logits = readReference(join(FIXTURE_FOLDER, FIXTURE, 'reference.safetensors')).get('base/logits') as ReferenceTensor;

/** Loads the fixture anew and compares its logits: the proof that the engine is whole again. */
async function expectHealthy(vane: VanePage, origin: string, backend: 'wasm' | 'webgpu', key: string): Promise<void> {
  await vane.load(key, { source: droppedFolder(FIXTURE, origin), backend, weights: 'f32' });
  const answer = await vane.forward(key, cases.rows, { logits: 'all' });
  expect(relativeError(withoutPads(answer.logits as ReferenceTensor, answer.lengths), logits.data)).toBeLessThanOrEqual(1e-5);
}

async function engineWorkers(vane: VanePage): Promise<Worker[]> {
  await expect.poll(() => vane.page.workers().length, { timeout: 10_000 }).toBeGreaterThan(0);
  return vane.page.workers();
}

test.describe('a page of its own', () => {
  test('a worker that dies ends in one error, and the model loads again', async ({ chromiumBrowser, host, backend }) => {
    const context = await chromiumBrowser.newContext();
    const vane = new VanePage(await context.newPage());
    await vane.open(appUrl(host));
    await vane.load('first', { source: droppedFolder(FIXTURE, host.origin), backend, weights: 'f32' });
    const workers = await engineWorkers(vane);
    const pending = vane.errorOf(() => vane.generate('first', cases.rows[1] ?? [], { temperature: 1, n: 8, maxNewTokens: 220 }));
    await vane.page.waitForTimeout(150);
    // The runtime's own threads are workers too; once one of them fails, the engine ends the others.
    for (const worker of workers) {
      const threw = worker.evaluate(() => {
        setTimeout(() => {
          throw new Error('the test kills this worker');
        });
      });
      await threw.catch(() => undefined);
    }
    const error = await pending;
    expect(error.name).toBe('BackendError');
    expect(error.remedy).not.toBe('');
    await expectHealthy(vane, host.origin, backend, 'second');
    await context.close();
  });

  test('a lost GPU device ends in one error, and the model loads again @webgpu', async ({ chromiumBrowser, host, backend }) => {
    const context = await chromiumBrowser.newContext();
    const vane = new VanePage(await context.newPage());
    await vane.open(appUrl(host));
    await vane
      .errorOf(() => vane.load('wakes the worker', { source: [{ name: 'config.json', base64: '' }], backend }))
      .catch(() => undefined);
    for (const worker of await engineWorkers(vane)) await worker.evaluate(keepDevice);
    await vane.load('first', { source: droppedFolder(FIXTURE, host.origin), backend, weights: 'f32' });
    const pending = vane.errorOf(() => vane.generate('first', cases.rows[1] ?? [], { temperature: 1, n: 8, maxNewTokens: 220 }));
    await vane.page.waitForTimeout(300);
    let destroyed = 0;
    for (const worker of vane.page.workers()) destroyed += (await loseDevice(worker)) ? 1 : 0;
    expect(destroyed).toBe(1);
    const error = await pending;
    expect(error.name).toBe('BackendError');
    expect(error.remedy).not.toBe('');
    await expectHealthy(vane, host.origin, backend, 'second');
    await context.close();
  });
});

test('a host that sends no headers and no ranges serves the app too', async ({ chromiumBrowser, backend }) => {
  const plain = await startHost({ isolated: false, ranges: false });
  const context = await chromiumBrowser.newContext();
  try {
    const vane = new VanePage(await context.newPage());
    await vane.open(appUrl(plain));
    await vane.page.waitForTimeout(1500);
    await vane.page.waitForFunction(() => 'vane' in window);
    await expectHealthy(vane, plain.origin, backend, 'plain host');
  } finally {
    await context.close();
    await plain.stop();
  }
});
