import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, START_TIMEOUT_MS, settled, test } from './workbench';

test.describe.configure({ timeout: 2 * START_TIMEOUT_MS });

test('axe finds nothing in either theme, wide and narrow @wasm', async ({ workbench }) => {
  await settled(workbench);
  for (const colorScheme of ['dark', 'light'] as const) {
    for (const width of [1280, 390]) {
      await workbench.emulateMedia({ colorScheme });
      await workbench.setViewportSize({ width, height: 800 });
      const { violations } = await new AxeBuilder({ page: workbench }).analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 120)}`),
        `${colorScheme}, ${width} px`,
      ).toEqual([]);
      const overflow = await workbench.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow, `sideways scrolling at ${width} px`).toBeLessThanOrEqual(0);
    }
  }
});

test('the main job with the keyboard alone @wasm', async ({ workbench }) => {
  await settled(workbench);
  const { keyboard } = workbench;
  const focused = () =>
    workbench.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
    });
  const tabTo = async (wanted: RegExp) => {
    for (let step = 0; step < 120; step++) {
      if (wanted.test(await focused())) return;
      await keyboard.press('Tab');
    }
    throw new Error(`no focus stop named ${wanted}`);
  };
  await workbench.locator('body').focus();
  await tabTo(/^Steering coefficient of/);
  const slider = workbench.getByRole('slider', { name: /Steering coefficient of/ });
  const before = Number(await slider.inputValue());
  await keyboard.press('ArrowLeft');
  await expect.poll(async () => Number(await slider.inputValue())).toBeLessThan(before);
  await keyboard.press('Control+z');
  await expect.poll(async () => Number(await slider.inputValue())).toBe(before);
  await settled(workbench);
  await keyboard.press('Alt+5');
  await expect(workbench.getByRole('button', { name: /Judge/ }).first()).toHaveAttribute('aria-expanded', 'true');
  await keyboard.press('Alt+4');
  await keyboard.press('Control+Enter');
  await settled(workbench);
});

test('reduced motion: no animation and no transition runs @wasm', async ({ workbench }) => {
  await workbench.emulateMedia({ reducedMotion: 'reduce' });
  await workbench.getByRole('slider', { name: /Steering coefficient of/ }).focus();
  await workbench.keyboard.press('ArrowRight');
  const running = await workbench.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length);
  expect(running).toBe(0);
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
    await expect(workbench.getByRole('button', { name: 'Cancel' }).first()).toBeVisible();
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
