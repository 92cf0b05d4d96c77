import type { Page } from '@playwright/test';
import { keepDevice, loseDevice } from '../parity/support/gpu-device';
import { expect, openWorkbench, quiet, results, START_TIMEOUT_MS, settled, test } from './workbench';

test.describe.configure({ timeout: 2 * START_TIMEOUT_MS });

const settings = (page: Page) =>
  page.evaluate(() => {
    const { title, conditions, interventions, questions, directions } = window.vane.document;
    return { title, conditions, interventions, questions, directions };
  });

/** Keeps every worker at hand, so that one can be ended from outside without a word, as a browser short of memory does. */
function keepWorkers(): void {
  const kept: Worker[] = [];
  Object.assign(window, { keptWorkers: kept });
  window.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      kept.push(this);
    }
  };
}

/** Ends every worker of the page: from within, as a crash does, or silently from outside. */
async function killWorkers(page: Page, how: 'crash' | 'silent'): Promise<void> {
  if (how === 'silent')
    return page.evaluate(() => {
      for (const worker of (window as unknown as { keptWorkers: Worker[] }).keptWorkers) worker.terminate();
    });
  for (const worker of page.workers()) {
    const threw = worker.evaluate(() => {
      setTimeout(() => {
        throw new Error('the test kills this worker');
      });
    });
    await threw.catch(() => undefined);
  }
}

test('a worker killed in mid-run: one message, the document intact, and Retry now goes on @wasm', async ({ page, backend }) => {
  await page.addInitScript(keepWorkers);
  await openWorkbench(page, backend);
  await quiet(page);
  const before = await settings(page);
  for (const how of ['crash', 'silent'] as const) {
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('button', { name: 'Cancel', exact: true }).first()).toBeVisible();
    await killWorkers(page, how);
    const message = page.getByRole('alert').filter({ hasText: /engine worker/ });
    await expect(message, how).toHaveCount(1);
    await expect(message.getByRole('button', { name: 'Go on with WASM' })).toBeVisible();
    expect(await settings(page)).toEqual(before);
    expect((await results(page)).length).toBeGreaterThan(0);
    await message.getByRole('button', { name: 'Retry now' }).click();
    await expect(message).toHaveCount(0);
    await settled(page);
    expect(await settings(page)).toEqual(before);
  }
  await page.keyboard.press('Control+Enter');
  await settled(page);
});

test('a worker killed in the first sight: one message, and going on completes the start @wasm', async ({ page }) => {
  await page.addInitScript(keepWorkers);
  await page.goto('./?backend=wasm');
  await expect.poll(async () => (await results(page)).length, { timeout: START_TIMEOUT_MS, intervals: [50] }).toBeGreaterThan(0);
  await killWorkers(page, 'silent');
  const message = page.getByRole('alert').filter({ hasText: /engine worker/ });
  await expect(message).toHaveCount(1);
  await page.waitForTimeout(1_000);
  expect(await page.getByRole('alert').count()).toBe(1);
  await message.getByRole('button', { name: 'Retry now' }).click();
  await quiet(page);
  expect(await page.getByRole('alert').allInnerTexts()).toEqual([]);
  const directions = await page.evaluate(() => window.vane.document.directions.map(({ id }) => id));
  expect(directions).toEqual(['medicine', 'bad-finance', 'bad-sports']);
  expect(new Set((await results(page)).map(({ conditionId }) => conditionId)).size).toBe(4);
  for (const name of ['organism + ablation', 'base + steering'])
    await expect(page.getByRole('region', { name: new RegExp(`Scores of ., ${name.replace('+', '\\+')}`) })).toContainText(
      /random: .*in 3 draws/,
    );
});

test('WebGPU lost in mid-run: one message, and the page goes on with WASM @webgpu', async ({ page }) => {
  page.on('worker', (worker) => void worker.evaluate(keepDevice).catch(() => undefined));
  await page.goto('./?backend=webgpu');
  await expect.poll(async () => (await results(page)).length, { timeout: START_TIMEOUT_MS }).toBeGreaterThan(0);
  const before = await settings(page);
  const lost = await Promise.all(page.workers().map(loseDevice));
  expect(lost.filter(Boolean)).toHaveLength(1);
  const message = page.getByRole('alert').filter({ hasText: /GPU device/ });
  await expect(message).toHaveCount(1, { timeout: 60_000 });
  expect(await settings(page)).toEqual(before);
  await message.getByRole('button', { name: 'Go on with WASM' }).click();
  await expect(page.getByRole('radio', { name: /WASM/ })).toBeChecked({ timeout: 60_000 });
  await settled(page);
  expect((await results(page)).filter(({ scores }) => scores !== null).length).toBeGreaterThan(0);
});

test('storage denied: the page answers, shares and saves all the same @wasm', async ({ page, backend }) => {
  await page.addInitScript(() => {
    const denied = () => {
      throw new DOMException('The test denies storage.', 'SecurityError');
    };
    for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) Object.defineProperty(window, name, { get: denied });
    Object.defineProperty(StorageManager.prototype, 'getDirectory', {
      value: () => Promise.reject(new DOMException('full', 'QuotaExceededError')),
    });
  });
  await openWorkbench(page, backend);
  await settled(page);
  expect(await page.getByRole('alert').count()).toBe(0);
  const { link, bytes } = await page.evaluate(async () => ({
    link: await window.vane.link(),
    bytes: (await window.vane.export('document')).size,
  }));
  expect(link).toMatch(/#v\d+\./);
  expect(bytes).toBeGreaterThan(1_000);
});

test('a stroke over blocks is one step of undo, two names are two @wasm', async ({ page, backend }) => {
  await openWorkbench(page, backend);
  const undo = page.getByRole('button', { name: /^Undo/ });
  await page.keyboard.press('Alt+4');
  await page.getByRole('tab', { name: /Steering/ }).click();
  const range = page.getByRole('textbox', { name: /Blocks, as a range/ });
  const before = await range.inputValue();
  const boxes = await Promise.all([0, 3].map((block) => page.getByRole('button', { name: `block ${block}`, exact: true }).boundingBox()));
  const [from, to] = boxes;
  if (!from || !to) throw new Error('expected two blocks on the screen');
  await page.mouse.move(from.x + 5, from.y + 5);
  await page.mouse.down();
  await page.mouse.move(to.x + 5, to.y + 5, { steps: 12 });
  await page.mouse.up();
  await expect(range).not.toHaveValue(before);
  await undo.click();
  await expect(range).toHaveValue(before);

  const last = () => page.evaluate(() => window.vane.document.conditions.at(-1)?.name);
  const first = await last();
  await page
    .getByRole('button', { name: /^Edit condition/ })
    .last()
    .click();
  const name = page.getByRole('dialog').getByRole('textbox', { name: 'name', exact: true });
  for (const text of ['North', 'South']) {
    await name.fill(text);
    await name.press('Enter');
  }
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
  await undo.click();
  await expect.poll(last).toBe('North');
  await undo.click();
  await expect.poll(last).toBe(first);
});

test('undo and redo through the page, back and forward through two links @wasm', async ({ page, backend }) => {
  await openWorkbench(page, backend);
  await settled(page);
  const title = page.getByRole('textbox', { name: 'Title' });
  const names = () => page.evaluate(() => window.vane.document.conditions.map(({ name }) => name));
  const first = await title.inputValue();
  const before = await names();
  await title.fill('Second title');
  await title.press('Enter');
  await page.getByRole('button', { name: 'Add a condition' }).click();
  await expect.poll(names).toHaveLength(before.length + 1);
  const undo = page.getByRole('button', { name: /^Undo/ });
  const redo = page.getByRole('button', { name: /^Redo/ });
  await undo.click();
  await expect.poll(names).toEqual(before);
  await undo.click();
  await expect(title).toHaveValue(first);
  await redo.click();
  await expect(title).toHaveValue('Second title');
  await redo.click();
  await expect.poll(names).toHaveLength(before.length + 1);
  await undo.click();
  await settled(page);

  const second = await page.evaluate(() => window.vane.link());
  await title.fill('Third title');
  await title.press('Enter');
  const third = await page.evaluate(() => window.vane.link());
  await page.evaluate((address) => {
    location.hash = new URL(address).hash;
  }, second);
  await expect(title).toHaveValue('Second title');
  await expect(page.getByRole('region', { name: 'Recorded result' })).toBeVisible();
  await page.goBack();
  await expect(title).toHaveValue('Third title');
  await page.goForward();
  await expect(title).toHaveValue('Second title');
  expect(third).not.toBe(second);
});
