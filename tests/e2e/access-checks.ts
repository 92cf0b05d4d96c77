import type { BrowserContext, Page } from '@playwright/test';
import type { Backend } from '../../src/engine/api';
import { axeViolations } from '../support/axe-violations';
import { answered, expect, reproducesAll, results, START_TIMEOUT_MS } from './workbench';

const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

/** axe in both themes, wide and narrow, and no sideways scrolling. */
export async function axeFindsNothing(page: Page): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    for (const size of [WIDE, PHONE]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(size);
      expect(await axeViolations(page), `${colorScheme}, ${size.width} px`).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow, `sideways scrolling at ${size.width} px`).toBeLessThanOrEqual(0);
    }
  }
  await page.setViewportSize(WIDE);
}

/** Presses Tab until what is focused has the wanted name. */
export async function tabTo(page: Page, wanted: RegExp): Promise<void> {
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      const text = element?.closest('label')?.textContent ?? element?.textContent;
      return element?.getAttribute('aria-label') ?? text?.trim() ?? '';
    });
  for (let step = 0; step < 150; step++) {
    if (wanted.test(await focused())) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no focus stop named ${wanted}`);
}

/**
 * The main job with the keyboard alone, from the slider over the steps to a link that a stranger recomputes.
 * @param page closed once the link is made. @param elsewhere the stranger's fresh profile; closed at the end.
 */
export async function mainJobByKeyboard(page: Page, elsewhere: BrowserContext, backend: Backend): Promise<void> {
  const { keyboard } = page;
  const slider = page.getByRole('slider', { name: /Steering coefficient of/ });
  await page.locator('body').focus();
  await tabTo(page, /^Steering coefficient of/);
  const before = Number(await slider.inputValue());
  await keyboard.press('ArrowLeft');
  await expect.poll(async () => Number(await slider.inputValue())).toBeLessThan(before);
  await keyboard.press('Control+z');
  await expect.poll(async () => Number(await slider.inputValue())).toBe(before);
  await answered(page);
  await keyboard.press('Alt+5');
  await expect(page.getByRole('button', { name: /Judge/ }).first()).toHaveAttribute('aria-expanded', 'true');
  await keyboard.press('Alt+4');
  await keyboard.press('Control+Enter');
  const run = page.getByRole('progressbar', { name: 'Run all' });
  await expect(run).toBeVisible();
  await expect(run).toBeHidden({ timeout: START_TIMEOUT_MS });
  await answered(page);

  await tabTo(page, /^Share/);
  await keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Share this experiment' });
  await expect(dialog).toBeVisible();
  const link = await dialog.getByRole('textbox', { name: 'Link' }).inputValue();
  await keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: /^Share/ })).toBeFocused();

  const shown = (await results(page)).length;
  // Two pages would share the cores.
  await page.close();

  const stranger = await elsewhere.newPage();
  await stranger.goto(link);
  await stranger.evaluate(() => window.vane.ready);
  const { length } = await results(stranger);
  expect(length, 'answers that came along').toBe(shown);
  await tabTo(stranger, /^Recompute/);
  await stranger.keyboard.press('Enter');
  await reproducesAll(stranger.getByRole('region', { name: 'Recorded result' }).getByRole('status'), length);
  await expect(stranger.getByRole('radio', { name: backend === 'webgpu' ? /WebGPU/ : /WASM/ })).toBeChecked();
  await elsewhere.close();
}

/** The main job at 390 px: tabs choose the condition, the slider moves its scores, the recipe is a sheet, the link is made. */
export async function mainJobOnAPhone(page: Page): Promise<void> {
  await page.setViewportSize(PHONE);
  await page.getByRole('tab', { name: 'base + steering' }).click();
  const slider = page.getByRole('slider', { name: /Steering coefficient of/ });
  await expect(slider).toBeInViewport();
  const alignment = async () => {
    const rows = (await results(page)).filter(({ condition, stale }) => condition === 'base + steering' && !stale);
    const scores = rows.flatMap(({ scores: s }) => (s && s.alignment !== null ? [s.alignment] : []));
    return scores.reduce((sum, score) => sum + score, 0) / scores.length;
  };
  const steered = await alignment();
  await slider.focus();
  await page.keyboard.press('0');
  await answered(page);
  await expect.poll(alignment, { message: 'alignment without steering' }).toBeGreaterThan(steered + 20);
  await page.keyboard.press('Control+z');
  await answered(page);
  const remove = await page.getByRole('button', { name: 'Remove question 1', exact: true }).boundingBox();
  expect(Math.min(remove?.width ?? 0, remove?.height ?? 0), 'a finger takes a question out').toBeGreaterThanOrEqual(44);
  await page.getByRole('button', { name: 'Recipe and settings' }).click();
  const sheet = page.getByRole('dialog', { name: 'Recipe and settings' });
  await expect(sheet.getByRole('button', { name: /Direction/ }).first()).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Share/ }).click();
  await expect(page.getByRole('dialog', { name: 'Share this experiment' }).getByRole('textbox', { name: 'Link' })).toHaveValue(/#/);
  await page.keyboard.press('Escape');
  await page.setViewportSize(WIDE);
}

/** Who asks for reduced motion sees no animation and no transition run. */
export async function nothingMoves(page: Page): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.getByRole('slider', { name: /Steering coefficient of/ }).focus();
  await page.keyboard.press('ArrowRight');
  const running = await page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length);
  expect(running).toBe(0);
  // Taken back, or the next move of the slider would be one step of undo with this one.
  await page.keyboard.press('Control+z');
  await page.emulateMedia({ reducedMotion: null });
}
