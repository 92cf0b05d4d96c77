import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { axeViolations } from '../support/axe-violations';

/** Where the pictures are put, one a chart and theme. */
const SHOTS = join(import.meta.dirname, '..', '..', 'build', 'gallery-shots');
const GALLERY = process.env.VANE_GALLERY_URL ?? '';
const THEMES = ['dark', 'light'] as const;

const DESKTOP = { width: 1280, height: 720 };
const LARGE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

/** Each state in its sizes; `both` where the light theme could go wrong in its own way. */
const PANELS = [
  { state: 'full', viewport: DESKTOP, both: true },
  { state: 'full', viewport: LARGE },
  { state: 'full', viewport: { width: 900, height: 720 } },
  { state: 'deep', viewport: DESKTOP },
  { state: 'stale', viewport: DESKTOP, both: true },
  { state: 'empty', viewport: DESKTOP },
  { state: 'full', viewport: PHONE, both: true },
  { state: 'empty', viewport: PHONE },
  { state: 'large-map', viewport: DESKTOP },
  { state: 'large-profile', viewport: DESKTOP },
  { state: 'large-scatter', viewport: DESKTOP },
  { state: 'large-cosines', viewport: DESKTOP, both: true },
  { state: 'large-sweep', viewport: LARGE },
  { state: 'large-sweep', viewport: PHONE },
];

test.beforeAll(() => {
  mkdirSync(SHOTS, { recursive: true });
});

/** Opens a page of the gallery and returns what the console says while it is open. */
async function open(page: Page, query: Record<string, string>): Promise<string[]> {
  const said: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(error.message));
  await page.goto(`${GALLERY}?${new URLSearchParams(query)}`);
  await expect(page.locator('h1')).toBeVisible();
  await page.waitForFunction(() => document.fonts.status === 'loaded');
  // Panels draw once they know their size.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return said;
}

/** Texts smaller than 11 px, cut off by their box without an ellipsis, or outside their chart. */
function faultyTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const visible = (element: Element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim() ?? '';
      if (!element || text === '' || !visible(element) || element.closest('title, desc, script, style')) continue;
      const size = Number.parseFloat(getComputedStyle(element).fontSize);
      if (size < 11) faults.push(`${size} px: "${text}"`);
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      const chart = element.closest('svg')?.getBoundingClientRect();
      if (chart && (box.left < chart.left - 1 || box.right > chart.right + 1 || box.top < chart.top - 2 || box.bottom > chart.bottom + 2)) {
        faults.push(`outside its chart "${element.closest('svg')?.querySelector('title')?.textContent}": "${text}"`);
      }
      const style = getComputedStyle(element);
      const clipped =
        element.scrollWidth > element.clientWidth + 1 &&
        style.overflow !== 'visible' &&
        style.textOverflow !== 'ellipsis' &&
        style.overflowX !== 'auto';
      if (!chart && clipped) faults.push(`cut off: "${text}"`);
    }
    if (document.documentElement.scrollWidth > innerWidth)
      faults.push(`the page is ${document.documentElement.scrollWidth} px wide in ${innerWidth} px`);
    return faults;
  });
}

async function expectSound(page: Page, said: string[]): Promise<void> {
  expect(await faultyTexts(page)).toEqual([]);
  expect(await axeViolations(page)).toEqual([]);
  expect(said).toEqual([]);
}

for (const theme of THEMES) {
  test.describe(`${theme} theme`, () => {
    test.use({ colorScheme: theme, reducedMotion: 'reduce' });

    test('every chart in every state', async ({ page }) => {
      await page.setViewportSize({ width: 1400, height: 900 });
      const said = await open(page, { view: 'charts', theme });
      for (const shot of await page.locator('[data-shot]').all()) {
        await shot.screenshot({ path: join(SHOTS, `${await shot.getAttribute('data-shot')}-${theme}.png`) });
      }
      await expectSound(page, said);
    });

    for (const { state, viewport, both } of PANELS) {
      if (theme === 'light' && !both) continue;
      test(`instruments, ${state}, ${viewport.width} x ${viewport.height}`, async ({ page }) => {
        await page.setViewportSize(viewport);
        const said = await open(page, { view: 'instruments', state, theme });
        await page.screenshot({ path: join(SHOTS, `instruments-${state}-${viewport.width}-${theme}.png`) });
        await expectSound(page, said);
      });
    }
  });
}

test.describe('by keyboard', () => {
  test('the block range moves with arrows and never turns inside out', async ({ page }) => {
    await page.setViewportSize(DESKTOP);
    await open(page, { view: 'instruments', state: 'full', theme: 'dark' });
    const last = page.getByRole('slider', { name: 'Last block' });
    const first = page.getByRole('slider', { name: 'First block' });
    await last.focus();
    await page.keyboard.press('ArrowUp');
    await expect(last).toHaveAttribute('aria-valuenow', '9');
    await first.focus();
    await page.keyboard.press('End');
    await expect(first).toHaveAttribute('aria-valuenow', '9');
    await page.keyboard.press('Home');
    await expect(first).toHaveAttribute('aria-valuenow', '0');
  });

  test('the token cursor walks tokens and blocks and says what it is on', async ({ page }) => {
    await page.setViewportSize(DESKTOP);
    await open(page, { view: 'instruments', state: 'full', theme: 'dark' });
    const cursor = page.getByRole('slider', { name: 'Token in the layer by token map' });
    await cursor.focus();
    await expect(cursor).toHaveAttribute('aria-valuetext', /^Skip, blocks\.6\.hook_resid_post: [+−]\d\.\d σ$/);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await expect(cursor).toHaveAttribute('aria-valuetext', /^the, blocks\.5\.hook_resid_post: /);
  });

  test('the large view opens with its focus inside, shows a table, and Escape gives the focus back', async ({ page }) => {
    await page.setViewportSize(DESKTOP);
    const said = await open(page, { view: 'instruments', state: 'full', theme: 'light' });
    await page.getByRole('button', { name: 'Enlarge sweep' }).press('Enter');
    await expect(page.getByRole('button', { name: 'Close' })).toBeFocused();
    await page.getByRole('button', { name: 'Show as table' }).press('Enter');
    await expect(page.getByRole('table')).toBeVisible();
    await expectSound(page, said);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: 'Enlarge sweep' })).toBeFocused();
  });

  test('the tabs of a phone follow the arrows', async ({ page }) => {
    await page.setViewportSize(PHONE);
    const said = await open(page, { view: 'instruments', state: 'full', theme: 'light' });
    await page.getByRole('tab', { name: 'Tokens' }).focus();
    for (const name of ['Blocks', 'Rows', 'Cosines', 'Sweep']) {
      await page.keyboard.press('ArrowRight');
      await expect(page.getByRole('tab', { name })).toBeFocused();
      await page.screenshot({ path: join(SHOTS, `phone-${name.toLowerCase()}-light.png`) });
      await expectSound(page, said);
    }
  });
});

test.describe('files of a chart', () => {
  for (const kind of ['SVG', 'PNG'] as const) {
    test(`a chart as ${kind} stands for itself`, async ({ page }) => {
      await page.setViewportSize(DESKTOP);
      await open(page, { view: 'instruments', state: 'large-cosines', theme: 'dark' });
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: kind }).click()]);
      expect(download.suggestedFilename()).toBe(`Bad medicine spreads cosines.${kind.toLowerCase()}`);
      const chunks: Buffer[] = [];
      for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
      const bytes = Buffer.concat(chunks);
      if (kind === 'PNG') expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
      else {
        expect(bytes.toString('utf8')).toMatch(/^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
        // Every style is a value of its own: the page's variables do not come along.
        for (const [, style] of bytes.toString('utf8').matchAll(/style="([^"]*)"/g)) expect(style).not.toContain('var(');
      }
    });
  }
});
