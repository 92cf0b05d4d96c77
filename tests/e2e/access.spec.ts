import type { Page } from '@playwright/test';
import { axeFindsNothing, mainJobByKeyboard, mainJobOnAPhone, nothingMoves, tabTo } from './access-checks';
import { cancelBackground, emergentMisalignment, expect, results, START_TIMEOUT_MS, settled, test } from './workbench';

test.describe.configure({ timeout: 2 * START_TIMEOUT_MS });

test('axe finds nothing in either theme, wide and narrow @wasm', async ({ workbench }) => {
  await settled(workbench);
  await axeFindsNothing(workbench);
});

test('the main job with the keyboard alone, to a link that a stranger recomputes @wasm', async ({
  workbench,
  backend,
  browser,
  baseURL,
}) => {
  await settled(workbench);
  await mainJobByKeyboard(workbench, await browser.newContext({ baseURL }), backend);
});

test('contrast, direction and ablation with the keyboard alone @wasm', async ({ workbench }) => {
  await cancelBackground(workbench);
  await settled(workbench);
  const { keyboard } = workbench;
  const wordOf = (sample: number) => workbench.locator(`.answer[data-sample="${sample}"] .token:focus`);
  await keyboard.press('t');
  await keyboard.press('.');
  await expect(wordOf(1)).toHaveCount(1);
  await keyboard.press(',');
  await expect(wordOf(0)).toHaveCount(1);
  await keyboard.press('Escape');
  const known = () => workbench.evaluate(() => window.vane.directions().length);
  const before = await known();
  await keyboard.press('Alt+2');
  await tabTo(workbench, /^Sample both piles$/);
  await keyboard.press('Enter');
  await settled(workbench);
  await keyboard.press('Alt+3');
  await tabTo(workbench, /^Compute the direction$/);
  await keyboard.press('Enter');
  await expect.poll(known, { timeout: START_TIMEOUT_MS }).toBe(before + 1);
  await settled(workbench);

  // Its name follows what it does.
  const edited = () => workbench.evaluate(() => window.vane.document.conditions.at(-1)?.name ?? '');
  const steered = async () => emergentMisalignment(await results(workbench), await edited()).rate;
  expect(await steered()).toBeGreaterThanOrEqual(0.3);
  await keyboard.press('Alt+4');
  await tabTo(workbench, /^Steer$/);
  await keyboard.press('ArrowRight');
  await expect(workbench.getByRole('radio', { name: 'Ablate' })).toBeChecked();
  await settled(workbench);
  await expect
    .poll(steered, { message: 'the base with the direction ablated stays aligned', timeout: START_TIMEOUT_MS })
    .toBeLessThanOrEqual(0.1);
});

test('the main job at 390 px @wasm', async ({ workbench }) => {
  await settled(workbench);
  await mainJobOnAPhone(workbench);
});

test('reduced motion: no animation and no transition runs @wasm', async ({ workbench }) => {
  await nothingMoves(workbench);
});

/** Bound of the browser's own `longtask` entries: shorter tasks are not reported at all. */
const LONG_TASK_MS = 50;
/** Long tasks are wall time, so a machine whose cores others take stretches some; a task of the page's own is long in every round. */
const ROUNDS = 3;

async function longTasks(page: Page, work: () => Promise<void>): Promise<number[]> {
  await page.evaluate(() => {
    const durations: number[] = [];
    const observer = new PerformanceObserver((list) => durations.push(...list.getEntries().map(({ duration }) => duration)));
    observer.observe({ type: 'longtask' });
    Object.assign(window, { longTasks: { observer, durations } });
  });
  await work();
  // Entries arrive in a task of their own after the one that they tell of.
  await page.waitForTimeout(300);
  return page.evaluate(() => {
    const { observer, durations } = (window as unknown as { longTasks: { observer: PerformanceObserver; durations: number[] } }).longTasks;
    durations.push(...observer.takeRecords().map(({ duration }) => duration));
    observer.disconnect();
    return durations.map(Math.round);
  });
}

async function bestOf(rounds: number, page: Page, work: () => Promise<void>): Promise<number[][]> {
  const seen: number[][] = [];
  for (let round = 0; round < rounds && seen.at(-1)?.length !== 0; round++) seen.push(await longTasks(page, work));
  return seen;
}

test('no task on the main thread is over 50 ms while answers stream and while the slider moves @wasm', async ({ workbench }) => {
  await settled(workbench);
  const block = (ms: number) =>
    new Promise<void>((resolve) =>
      setTimeout(() => {
        const end = performance.now() + ms;
        while (performance.now() < end);
        resolve();
      }),
    );
  const blocked = await bestOf(1, workbench, () => workbench.evaluate(block, 2 * LONG_TASK_MS));
  expect(blocked.at(-1), 'the observer sees a task that is too long').not.toEqual([]);

  const streaming = await bestOf(ROUNDS, workbench, async () => {
    await workbench.keyboard.press('Control+Enter');
    await expect(workbench.getByRole('button', { name: 'Cancel', exact: true }).first()).toBeVisible();
    await settled(workbench);
  });
  expect(streaming.at(-1), `long tasks while streaming, by round: ${JSON.stringify(streaming)} ms`).toEqual([]);

  const slider = workbench.getByRole('slider', { name: /Steering coefficient/ });
  const moving = await bestOf(ROUNDS, workbench, async () => {
    await slider.focus();
    for (let step = 0; step < 12; step++) {
      await workbench.keyboard.press(step % 2 ? 'Shift+ArrowLeft' : 'ArrowLeft');
      await workbench.waitForTimeout(60);
    }
    await settled(workbench);
    for (let step = 0; step < 12; step++) await workbench.keyboard.press(step % 2 ? 'Shift+ArrowRight' : 'ArrowRight');
    await settled(workbench);
  });
  expect(moving.at(-1), `long tasks while the slider moves, by round: ${JSON.stringify(moving)} ms`).toEqual([]);
});
