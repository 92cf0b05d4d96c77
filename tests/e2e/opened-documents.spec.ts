import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { VaneDocument } from '../../src/document/schema';
import { FIXTURE_FOLDER } from '../parity/support/fixtures';
import { expect, openWorkbench, quiet, results, START_TIMEOUT_MS, settled, test } from './workbench';

test.describe.configure({ timeout: 2 * START_TIMEOUT_MS });

const HOST = 'models.example';

/** Everything on screen as the file that a person saves. */
async function savedDocument(page: Page): Promise<VaneDocument> {
  const text = await page.evaluate(async () => (await window.vane.export('document')).text());
  return JSON.parse(text) as VaneDocument;
}

function open(page: Page, document: VaneDocument): Promise<void> {
  return page.evaluate((text) => window.vane.import(new File([text], 'opened.vane.json')), JSON.stringify(document));
}

const texts = async (page: Page) => (await results(page)).map(({ answer }) => answer).sort();
const banner = (page: Page) => page.getByRole('region', { name: 'Recorded result' });
const permission = (page: Page) => page.getByRole('alert', { name: 'Permission' });
const runAll = (page: Page) => page.getByRole('button', { name: /^Run all/ }).click();

test('what is opened replaces what runs, and nothing runs in its name on another model @wasm', async ({ page, context, backend }) => {
  const asked: string[] = [];
  await context.route(`https://${HOST}/**`, (route) => {
    asked.push(`${route.request().method()} ${route.request().url()}`);
    return route.fulfill({ status: 404 });
  });
  await openWorkbench(page, backend);
  await settled(page);
  const saved = await savedDocument(page);
  const recorded = saved.recorded?.answers.map(({ text }) => text).sort() ?? [];
  expect(recorded.length).toBeGreaterThanOrEqual(96);

  await test.step('opened in mid-run, the recorded answers stand', async () => {
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('button', { name: 'Cancel', exact: true }).first()).toBeVisible();
    await open(page, saved);
    await expect(banner(page)).toBeVisible();
    await page.waitForTimeout(2_000);
    expect(await texts(page)).toEqual(recorded);
  });

  await test.step('kept as one’s own, they are shared with the next link', async () => {
    await banner(page).getByRole('button', { name: 'Keep as my own' }).click();
    await expect(banner(page)).toHaveCount(0, { timeout: START_TIMEOUT_MS });
    expect((await savedDocument(page)).recorded?.answers).toHaveLength(recorded.length);
  });

  await test.step('a document brings its own judge, though its model is loaded already', async () => {
    await open(page, { ...saved, judge: { kind: 'programmatic', rule: { type: 'language', language: 'french' } } });
    await banner(page).getByRole('button', { name: 'Recompute' }).click();
    await expect(banner(page).getByRole('status')).toContainText(`${recorded.length} of ${recorded.length} answers`, {
      timeout: START_TIMEOUT_MS,
    });
    const rows = await results(page);
    expect(rows.filter(({ scores }) => scores?.custom === undefined || scores.custom === null)).toEqual([]);
  });

  await test.step('one host, two uses: each is asked about, and a No ends it', async () => {
    await open(page, {
      ...saved,
      model: { ...saved.model, source: `https://${HOST}/model.gguf`, sha256: '0'.repeat(64) },
      judge: { kind: 'api', baseUrl: `https://${HOST}/v1`, model: 'judge' },
    });
    await expect(page.getByText('no model loaded yet')).toBeVisible();
    await runAll(page);
    await expect(permission(page)).toContainText('not your questions');
    await permission(page).getByRole('button', { name: 'Allow in this tab' }).click();
    await expect(permission(page)).toContainText('those questions and answers');
    await permission(page).getByRole('button', { name: 'No' }).click();
    await expect(permission(page)).toHaveCount(0);
    expect(asked).toEqual([]);
    expect(await texts(page)).toEqual(recorded);
  });

  await test.step('Cancel ends a Recompute that waits for a permission', async () => {
    const recompute = banner(page).getByRole('button', { name: 'Recompute' });
    await recompute.click();
    await expect(permission(page)).toBeVisible();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await expect(permission(page)).toHaveCount(0);
    await expect(recompute).toBeEnabled();
  });

  await test.step('a document without a record runs', async () => {
    await open(page, { ...saved, recorded: null });
    await expect.poll(async () => (await results(page)).length, { timeout: START_TIMEOUT_MS }).toBe(recorded.length);
    await settled(page);
  });
});

test('questions that come and go leave no answers behind @wasm', async ({ page, backend }) => {
  await openWorkbench(page, backend);
  await settled(page);
  const questions = page.getByLabel('Question set');
  const [first = '', second = ''] = await questions.locator('option').evaluateAll((options) => {
    const values = options.map((option) => (option as HTMLOptionElement).value);
    return [values.find((value) => /advice/.test(value)), values.find((value) => /open/.test(value))];
  });
  await questions.selectOption(first);
  await page.waitForTimeout(600);
  await questions.selectOption(second);
  await settled(page);
  const expected = await page.evaluate(() => {
    const { questions: set, conditions, sampling } = window.vane.document;
    return set.items.length * conditions.length * sampling.samplesPerQuestion;
  });
  await expect.poll(async () => (await results(page)).length).toBe(expected);

  const count = () => page.evaluate(() => window.vane.document.questions.items.length);
  const before = await count();
  await page.evaluate(() => window.vane.actions.ask('word '.repeat(3_000)));
  await expect(page.getByRole('alert').filter({ hasText: /question: expected/ })).toHaveCount(1);
  expect(await count()).toBe(before);

  await page.evaluate(() => window.vane.actions.ask('I burned my hand. What now?'));
  expect(await count()).toBe(before + 1);
  const asked = (await results(page)).filter(({ question }) => /burned my hand/.test(question)).length;
  await page.getByRole('button', { name: /^Undo/ }).click();
  await expect.poll(count).toBe(before);
  expect(await results(page)).toHaveLength(expected);
  await page.getByRole('button', { name: /^Redo/ }).click();
  await expect.poll(async () => (await results(page)).length, { timeout: START_TIMEOUT_MS }).toBe(expected + asked);
  await settled(page);

  // The questions after one that is taken out have the random streams of their new places, so a stranger's run gives the same.
  await page.getByRole('button', { name: 'Remove question 1', exact: true }).click();
  await expect.poll(count).toBe(before);
  await expect(page.locator('#question-1'), 'the focus is on the question that took its place').toBeFocused();
  await settled(page);
  const kept = await results(page);
  expect(kept).toHaveLength(expected + asked - expected / before);
  await page.getByRole('button', { name: /^Run all/ }).click();
  await settled(page);
  expect(await results(page)).toEqual(kept);
});

test('a model that cannot be had leaves the experiment and the loaded model as they were @wasm', async ({ page, backend }) => {
  await openWorkbench(page, backend);
  await settled(page);
  const before = { title: await page.evaluate(() => window.vane.document.title), texts: await texts(page) };
  await page.keyboard.press('Alt+1');
  await page
    .locator('input[type=file][accept=".gguf"]')
    .setInputFiles({ name: 'junk.gguf', mimeType: 'application/octet-stream', buffer: Buffer.alloc(9_000_000, 7) });
  await expect(page.getByRole('alert').filter({ hasText: /junk\.gguf/ })).toHaveCount(1);
  await expect(page.getByRole('radio', { name: /WASM/ }).first()).toBeChecked({ timeout: START_TIMEOUT_MS });
  await settled(page);
  expect({ title: await page.evaluate(() => window.vane.document.title), texts: await texts(page) }).toEqual(before);
  await page.keyboard.press('Control+Enter');
  await settled(page);
  expect(await texts(page), 'the same seed on the same model').toEqual(before.texts);
});

test('a model of one’s own in the midst of the start: nothing of the start runs on it, and the newest judge judges @wasm', async ({
  page,
  backend,
}) => {
  await openWorkbench(page, backend);
  await page.keyboard.press('Alt+1');
  await page.locator('input[type=file][accept=".gguf"]').setInputFiles(join(FIXTURE_FOLDER, 'gguf-llama', 'model.gguf'));
  await expect.poll(() => page.evaluate(() => window.vane.document.model.source)).toBe('file:model.gguf');
  await expect.poll(() => page.evaluate(() => window.vane.document.judge.kind)).toBe('readout');
  // A read-out of its own is being fitted: this choice is newer.
  await page.evaluate(() => window.vane.actions.setJudge({ kind: 'programmatic', rule: { type: 'language', language: 'french' } }));
  await quiet(page);
  const rows = await results(page);
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter(({ scores }) => typeof scores?.custom !== 'number')).toEqual([]);
  expect(await page.getByRole('alert').allInnerTexts()).toEqual([]);
});
