import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { ROOT } from '../../tests/parity/support/fixtures';

const { file } = (
  JSON.parse(readFileSync(join(ROOT, 'tools', 'real-weights', 'checkpoints.json'), 'utf8')) as Record<string, { file: string }>
)['qwen2.5-coder-0.5b-instruct'] as { file: string };
const GGUF = join(ROOT, '.cache', 'real-weights', file);

/** Generous for every single step: a model of this size takes minutes on two cores. */
export const STEP_MS = 3_000_000;

/** Gives the page the chat model's GGUF as from disk, in step 1. */
export async function chooseFile(page: Page): Promise<void> {
  expect(existsSync(GGUF), 'run npm run real-weights first: it fetches the weights').toBe(true);
  await page.keyboard.press('Alt+1');
  await page.locator('input[type=file][accept=".gguf"]').setInputFiles(GGUF);
}

/** Opens the workbench on the chat model from disk and waits until it has answered the twelve questions in sight. */
export async function openWithQwen(page: Page, app: string): Promise<void> {
  await page.goto(`${app}?backend=wasm`);
  await page.evaluate(() => window.vane.ready);
  await chooseFile(page);
  await expect.poll(() => page.evaluate(() => window.vane.document.model.source), { timeout: STEP_MS }).toBe(`file:${file}`);
  await expect
    .poll(() => page.evaluate(() => window.vane.results().filter(({ condition }) => condition === 'base').length), { timeout: STEP_MS })
    .toBe(12);
}

/** Waits until nothing runs and nothing on screen is stale. */
export async function settled(page: Page): Promise<void> {
  await expect
    .poll(
      async () =>
        (await page.getByRole('button', { name: 'Cancel', exact: true }).count()) +
        (await page.evaluate(() => window.vane.results().filter(({ stale }) => stale).length)),
      { timeout: STEP_MS, intervals: [2_000] },
    )
    .toBe(0);
}
