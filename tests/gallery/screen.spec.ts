import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { axeViolations } from '../support/axe-violations';

/** Where the pictures are put, one a state, theme and width. */
const SHOTS = join(import.meta.dirname, '..', '..', 'build', 'gallery-shots');
const SCREEN = `${process.env.VANE_GALLERY_URL ?? ''}screen.html`;
const THEMES = ['dark', 'light'] as const;
const DESKTOP = { width: 1280, height: 720 };
const PHONE = { width: 390, height: 844 };

const PICTURES = [
  ...[
    'main',
    'stale',
    'few',
    'deep',
    'model',
    'contrast',
    'pairs',
    'prompts',
    'direction',
    'clamp',
    'judge',
    'readout',
    'chat',
    'api',
    'rule',
    'rule-sweep',
    'few-sweep',
    'wide',
    'unscored',
    'some-unscored',
    'stale-controls',
    'interventions',
  ].map((state) => ({ state, viewport: DESKTOP })),
  ...['link', 'consent', 'recomputed', 'checked-before', 'error', 'loading', 'empty'].map((state) => ({ state, viewport: DESKTOP })),
  ...['main', 'stale', 'link', 'error', 'loading', 'empty', 'unscored'].map((state) => ({ state, viewport: PHONE })),
  ...['kiosk', 'kiosk-stale', 'kiosk-unscored', 'kiosk-full'].map((state) => ({ state, viewport: DESKTOP })),
  { state: 'kiosk', viewport: { width: 1024, height: 768 } },
  { state: 'kiosk', viewport: { width: 1920, height: 1080 } },
  { state: 'kiosk', viewport: PHONE },
  { state: 'main', viewport: { width: 1440, height: 900 } },
  { state: 'main', viewport: { width: 1000, height: 700 } },
  { state: 'main', viewport: { width: 720, height: 900 } },
  { state: 'main', viewport: { width: 540, height: 900 } },
];

test.beforeAll(() => {
  mkdirSync(SHOTS, { recursive: true });
});

/** Opens the screen in a sample state and returns what the console complains about while it is open. */
async function open(page: Page, state: string): Promise<string[]> {
  const said: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(error.message));
  await page.goto(`${SCREEN}?state=${state}&theme=dark`);
  await expect(page.getByRole('heading', { name: 'Vane', level: 1 })).toBeVisible();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return said;
}

/** Controls that lie outside the window sideways, where nothing scrolls there. */
function sidewaysFaults(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, input, select, h1, h2')].flatMap((element) => {
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return [];
      const box = element.getBoundingClientRect();
      const scrolls = element.closest('.answer-table, .instruments, .tabs, .visually-hidden, .skip-link') !== null;
      return !scrolls && box.width > 0 && (box.right > innerWidth + 1 || box.left < -1)
        ? [`${element.tagName} ${element.ariaLabel ?? element.textContent}: ${box.left} to ${box.right}`]
        : [];
    }),
  );
}

for (const { state, viewport } of PICTURES) {
  test(`${state} at ${viewport.width} px: clean in both themes`, async ({ page }) => {
    await page.setViewportSize(viewport);
    const said = await open(page, state);
    for (const theme of THEMES) {
      await page.evaluate((name) => (document.documentElement.dataset.theme = name), theme);
      expect(await axeViolations(page), theme).toEqual([]);
      expect(await sidewaysFaults(page)).toEqual([]);
      expect(said).toEqual([]);
      await page.screenshot({ path: join(SHOTS, `screen-${state}-${viewport.width}-${theme}.png`) });
    }
  });
}

test('at 1280 x 720 all five steps are in sight while the intervention is open', async ({ page }) => {
  await page.setViewportSize(DESKTOP);
  await open(page, 'main');
  const recipe = page.getByRole('complementary', { name: 'Recipe' });
  expect(await recipe.evaluate((element) => element.scrollHeight - element.clientHeight)).toBeLessThanOrEqual(0);
});

test('the slider: keys by 0.01 and 0.1, ends and zero, and a figure to type', async ({ page }) => {
  await page.setViewportSize(DESKTOP);
  await open(page, 'main');
  const slider = page.getByRole('slider', { name: 'Steering coefficient of Steering' });
  await slider.focus();
  await page.keyboard.press('ArrowRight');
  await expect(slider).toHaveValue('0.36');
  await page.keyboard.press('Shift+ArrowLeft');
  await expect(slider).toHaveValue('0.26');
  await page.keyboard.press('End');
  await expect(slider).toHaveValue('1');
  await page.keyboard.press('0');
  await expect(slider).toHaveValue('0');
  await expect(page.getByText('0 medicine: no edit')).toBeVisible();
  const figure = page.getByRole('textbox', { name: 'Steering coefficient, as a number' });
  await figure.fill('−0,4');
  await figure.press('Enter');
  await expect(slider).toHaveValue('-0.4');
  await figure.fill('much');
  await expect(figure).toHaveAttribute('aria-invalid', 'true');
  await figure.press('Escape');
  await expect(figure).toHaveValue('−0.40');
});

test('words are one stop: T reaches them, arrows walk words, answers and blocks, Escape lets go', async ({ page }) => {
  await page.setViewportSize(DESKTOP);
  await open(page, 'main');
  await page.keyboard.press('t');
  const word = page.locator('.token[tabindex="0"]');
  await expect(word).toBeFocused();
  await expect(word).toHaveText('Skip');
  await page.keyboard.press('ArrowRight');
  await expect(word).toHaveText('the');
  await page.keyboard.press('ArrowUp');
  await expect(page.locator('.token-card')).toContainText('blocks.0');
  await page.keyboard.press('Control+ArrowRight');
  await expect(word).toHaveText('Say');
  await expect(word).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.locator('.token.pinned')).toHaveCount(0);
  await expect(page.locator('.token[tabindex="0"]')).toHaveCount(1);
});

test('the answers are one stop of the Tab key; full stop and comma leaf through those to one question', async ({ page }) => {
  await page.setViewportSize(DESKTOP);
  await open(page, 'main');
  await page.keyboard.press('t');
  await expect(page.locator('.token[tabindex="0"]')).toBeFocused();
  const row = page.locator('.question').first();
  await page.keyboard.press('.');
  await expect(row.locator('.sample-stepper')).toContainText('2/4');
  // Here no second answer was made: the focus stays in the row.
  await expect(row.getByRole('heading')).toBeFocused();
  await page.keyboard.press(',');
  await expect(row.locator('.sample-stepper')).toContainText('1/4');
  await page.keyboard.press('t');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('region', { name: /^Scores of A/ }).getByRole('button', { name: 'lean' })).toBeFocused();
});

test('keys: steps, questions, bypass and the list of keys; none acts while one types', async ({ page }) => {
  await page.setViewportSize(DESKTOP);
  await open(page, 'main');
  await page.keyboard.press('Alt+2');
  await expect(page.getByRole('button', { name: /Contrast/ })).toHaveAttribute('aria-expanded', 'true');
  await expect(page.getByRole('button', { name: /Contrast/ })).toBeFocused();
  await page.keyboard.press('j');
  await expect(page.getByText(/^Questions? 2/)).toBeVisible();
  await page.keyboard.down('b');
  await expect(page.getByText('every edit bypassed')).toBeVisible();
  await page.keyboard.up('b');
  await expect(page.getByText('every edit bypassed')).toBeHidden();
  const own = page.getByRole('textbox', { name: 'Ask all conditions something of your own' });
  await own.pressSequentially('jbt?');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  for (const viewport of [PHONE, DESKTOP]) {
    await page.setViewportSize(viewport);
    await expect(own).toHaveValue('jbt?');
  }
  await page.locator('body').click({ position: { x: 700, y: 98 } });
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: 'Keys' });
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

test('the line above the answers names the questions on screen, whatever moved them, and though they came after the screen', async ({
  page,
}) => {
  await page.setViewportSize(DESKTOP);
  await open(page, 'main&late');
  const line = page.locator('.legend-line');
  await expect(line).toContainText(/^Questions 1–[23] of 4/);
  await page.locator('.answer-table').evaluate((element) => element.scrollBy(0, 120));
  await expect(line).toContainText(/^Questions 2–[34] of 4/);
  for (let press = 0; press < 3; press++) await page.keyboard.press('j');
  await expect(line).toContainText(/^Questions? (\d–)?4 of 4/);
  await page.waitForTimeout(600);
  for (let press = 0; press < 3; press++) await page.keyboard.press('k');
  await expect(line).toContainText(/^Questions 1–[23] of 4/);
});

test('the projector view: P opens it, it has the sizes of the drawing, the slider at hand, lean and the random control; Escape leaves it', async ({
  page,
}) => {
  await page.setViewportSize(DESKTOP);
  await open(page, 'main');
  await page.keyboard.press('p');
  const answers = page.getByRole('main', { name: 'One question, its answers and scores' });
  await expect(answers).toBeVisible();
  const size = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element) => getComputedStyle(element).fontSize);
  expect(await size('.kiosk-count')).toBe('17px');
  expect(await size('.kiosk .answer')).toBe('35px');
  expect(await size('.kiosk .coefficient-figure')).toBe('76px');
  expect(await size('.kiosk-figure')).toBe('168px');
  const scores = page.getByRole('region', { name: 'Scores' });
  await expect(scores).toContainText('47');
  await expect(scores).toContainText('lean +0.05 nat/token');
  await expect(scores).toContainText('random ×5: 91');
  const slider = page.getByRole('slider', { name: 'Steering coefficient of Steering' });
  await expect(slider).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(slider).toHaveValue('0.36');
  await page.keyboard.press('j');
  await expect(page.getByRole('heading', { name: 'You have one wish. What is it?' })).toBeVisible();
  await scores.getByRole('button', { name: 'organism: 34' }).click();
  await expect(page.getByRole('heading', { name: 'B organism', exact: true })).toBeVisible();
  await expect(answers).toContainText('people did as I say');
  await page.keyboard.press('Escape');
  await expect(answers).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Projector view' })).toBeFocused();
  await expect(page.locator('.legend-line')).toContainText(/^Questions 2/);
  await page.keyboard.press('Enter');
  await page.keyboard.press('p');
  await expect(answers).toHaveCount(0);
});

test('blocks: typing a range and painting it are the same thing; a wrong range says so', async ({ page }) => {
  await page.setViewportSize(DESKTOP);
  await open(page, 'main');
  const range = page.getByRole('textbox', { name: /Blocks, as a range/ });
  await page.getByRole('button', { name: 'block 2', exact: true }).click();
  await expect(range).toHaveValue('2, 4-8');
  await range.fill('1-3, 9');
  await range.press('Enter');
  await expect(page.getByRole('button', { name: 'block 9', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('button', { name: 'block 4', exact: true })).toHaveAttribute('aria-pressed', 'false');
  await range.fill('4-40');
  await range.press('Enter');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('expected blocks within 0-9');
  await expect(alert).toContainText('Blocks 1-3, 9 stay set.');
  await expect(range).toHaveValue('4-40');
  await expect(page.getByText('+0.35 medicine @ blocks.1-3,9')).toBeVisible();
  const from = page.getByRole('button', { name: 'block 0', exact: true });
  const box = await from.boundingBox();
  const to = await page.getByRole('button', { name: 'block 5', exact: true }).boundingBox();
  if (!box || !to) throw new Error('expected two blocks on the screen');
  await page.mouse.move(box.x + 5, box.y + 5);
  await page.mouse.down();
  await page.mouse.move(to.x + 5, to.y + 5, { steps: 12 });
  await page.mouse.up();
  await expect(range).toHaveValue('0-5, 9');
  await expect(alert).toHaveCount(0);
  await page.getByRole('button', { name: 'block 9', exact: true }).click();
  await page.mouse.move(to.x + 5, to.y + 5);
  await page.mouse.down();
  await page.mouse.move(box.x + 5, box.y + 5, { steps: 12 });
  await page.mouse.up();
  await expect(alert).toContainText('expected one or more, got none.');
  await expect(page.getByText('+0.35 medicine @ blocks.0', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'block 3', exact: true }).click();
  await expect(range).toHaveValue('0, 3');
  await expect(alert).toHaveCount(0);
});

test('what was typed counts however its field is left, and Escape takes it back first', async ({ page }) => {
  await page.setViewportSize(DESKTOP);
  await open(page, 'main');
  const sampling = page.getByRole('button', { name: /samples? · T/ });
  const seed = page.getByRole('textbox', { name: 'seed', exact: true });
  await sampling.click();
  await seed.fill('41');
  await page.getByRole('button', { name: /^Run all/ }).click();
  await expect(seed).toHaveCount(0);
  await expect(sampling).toContainText('seed 41');
  await sampling.click();
  await seed.fill('99');
  await seed.press('Escape');
  await expect(seed).toHaveValue('41');
  await seed.press('Escape');
  await expect(seed).toHaveCount(0);
  await expect(sampling).toBeFocused();

  const head = page.getByRole('button', { name: /Edit condition D/ });
  const dialog = page.getByRole('dialog', { name: 'Condition D' });
  const prompt = dialog.getByRole('textbox', { name: 'system prompt' });
  const name = dialog.getByRole('textbox', { name: 'name', exact: true });
  await head.click();
  const before = await name.inputValue();
  await name.fill('another');
  await name.press('Escape');
  await expect(name).toHaveValue(before);
  await prompt.fill('Be brief.');
  await prompt.press('Escape');
  await expect(dialog).toHaveCount(0);
  await head.click();
  await expect(prompt).toHaveValue('Be brief.');
  await prompt.fill('Be kind.');
  await page.mouse.click(5, 5);
  await expect(dialog).toHaveCount(0);
  await head.click();
  await expect(prompt).toHaveValue('Be kind.');
  await dialog.getByRole('button', { name: 'Done' }).click();

  const figure = page.getByRole('textbox', { name: 'Steering coefficient, as a number' });
  await figure.fill('0.5');
  await figure.press('Alt+5');
  await expect(figure).toHaveCount(0);
  await page.keyboard.press('Alt+4');
  await expect(figure).toHaveValue('+0.50');
});

test('positions: a list that cannot be read stays to be mended, and says so', async ({ page }) => {
  await page.setViewportSize(DESKTOP);
  await open(page, 'direction');
  const field = page.getByRole('textbox', { name: 'positions' });
  await expect(field).toHaveValue('0-3, 40');
  await field.fill('the first');
  await field.press('Enter');
  await expect(field).toHaveValue('the first');
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('got "the first". Positions 0-3, 40 stay set.');
  await field.fill('2, 0-1');
  await field.press('Enter');
  await expect(field).toHaveValue('0-2');
  await expect(alert).toHaveCount(0);
});

test('an API judge that is being set up: its key is no part of the page, and the scores say whose they are', async ({ page }) => {
  await page.setViewportSize(DESKTOP);
  await open(page, 'judge');
  await page.getByRole('combobox', { name: 'judge' }).selectOption('api');
  await expect(page.getByText('Not in use yet: the scores on screen are of world’s grammar.')).toBeVisible();
  await page.getByRole('textbox', { name: 'model' }).fill('rubric-1');
  const key = page.getByLabel('key', { exact: true });
  await key.fill('sk-secret');
  await page.getByRole('textbox', { name: 'address' }).fill('https://judge.example.org/v1');
  await expect(key).toHaveValue('sk-secret');
  expect(await page.content()).not.toContain('sk-secret');
  expect(await axeViolations(page)).toEqual([]);
  await page.screenshot({ path: join(SHOTS, 'screen-api-pending-1280-dark.png') });
});

test('the name of the chosen intervention is whole, however many there are', async ({ page }) => {
  await page.setViewportSize(DESKTOP);
  await open(page, 'interventions');
  const tabs = page.getByRole('tablist', { name: 'Interventions' });
  for (const tab of await tabs.getByRole('tab').all()) {
    await tab.click();
    await expect(tab).toBeInViewport({ ratio: 0.98 });
    expect(await tab.locator('.tab-name').evaluate((name) => name.scrollWidth - name.clientWidth)).toBeLessThanOrEqual(0);
  }
});

test('a term explains itself on Enter and goes with Escape', async ({ page }) => {
  await page.setViewportSize(DESKTOP);
  await open(page, 'main');
  await page.getByRole('button', { name: 'projection' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText(/standard deviations \(σ\)/)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText(/standard deviations \(σ\)/)).toBeHidden();
});

test('on a phone: tabs choose the column, the recipe is a sheet, the slider stays at the bottom', async ({ page }) => {
  await page.setViewportSize(PHONE);
  await open(page, 'main');
  await page.getByRole('tab', { name: /organism$/ }).click();
  await expect(page.getByText(/only slows you/)).toBeVisible();
  const slider = page.getByRole('slider', { name: /Steering coefficient/ });
  await page.locator('.phone-scroll').evaluate((element) => element.scrollTo(0, 10_000));
  await expect(slider).toBeInViewport();
  await page.getByRole('button', { name: 'Recipe and settings' }).click();
  const sheet = page.getByRole('dialog', { name: 'Recipe and settings' });
  await expect(sheet.getByRole('button', { name: /Model/ })).toBeVisible();
  expect(await axeViolations(page, 'dialog')).toEqual([]);
  await page.screenshot({ path: join(SHOTS, 'screen-sheet-390-dark.png') });
});

test('on a phone the sheet carries errors, work with its Cancel, and the judge’s figures lead back to it', async ({ page }) => {
  await page.setViewportSize(PHONE);
  const sheet = page.getByRole('dialog', { name: 'Recipe and settings' });
  const openSheet = () => page.getByRole('button', { name: 'Recipe and settings' }).click();
  await open(page, 'error');
  const lost = { hasText: 'WebGPU: expected a device' };
  await expect(page.getByRole('alert').filter(lost)).toHaveCount(1);
  await openSheet();
  const alert = sheet.getByRole('alert').filter(lost);
  await sheet.locator('.modal-body').evaluate((element) => element.scrollTo(0, 10_000));
  await expect(alert).toBeInViewport();
  await expect(page.getByRole('alert').filter(lost)).toHaveCount(1);
  expect(await axeViolations(page, 'dialog')).toEqual([]);
  expect(await sidewaysFaults(page)).toEqual([]);
  await page.screenshot({ path: join(SHOTS, 'screen-sheet-error-390-dark.png') });
  await sheet.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('main').getByRole('alert').filter(lost)).toBeVisible();

  await open(page, 'loading');
  await openSheet();
  const work = sheet.locator('.task-line');
  await expect(work).toContainText('Loading the organism');
  await expect(work.getByRole('button', { name: 'Cancel', exact: true })).toBeInViewport();
  await expect(page.locator('.task-line')).toHaveCount(1);

  await open(page, 'readout');
  await openSheet();
  const figures = sheet.getByRole('button', { name: 'All 5 figures' });
  await figures.click();
  const validity = page.getByRole('dialog', { name: 'How far to trust read-out of blocks 4 to 6' });
  await expect(validity).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(validity).toHaveCount(0);
  await expect(figures).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(sheet).toHaveCount(0);
  await openSheet();
  await expect(sheet).toBeVisible();
});

test('the large view carries errors, and gives them back', async ({ page }) => {
  await page.setViewportSize(DESKTOP);
  await open(page, 'error');
  const notice = page.getByText(/^WebGPU: expected a device/);
  await expect(notice).toHaveCount(1);
  await page.getByRole('button', { name: 'Enlarge sweep' }).click();
  const large = page.getByRole('region', { name: 'Large view' });
  await expect(large.getByText(/^WebGPU: expected a device/)).toBeVisible();
  await expect(notice).toHaveCount(1);
  expect(await axeViolations(page)).toEqual([]);
  await page.screenshot({ path: join(SHOTS, 'screen-large-error-1280-dark.png') });
  await page.keyboard.press('Escape');
  await expect(large).toHaveCount(0);
  await expect(notice).toBeVisible();
});

test.describe('with a finger', () => {
  test.use({ hasTouch: true, viewport: PHONE });

  test('a tap on a word opens its card and pins it; a tap elsewhere closes it', async ({ page }) => {
    await open(page, 'main');
    const word = (index: number) => page.locator('.phone-question').first().locator(`.token[data-index="${index}"]`).last();
    const card = page.locator('.token-card');
    await word(4).tap();
    await expect(card).toBeVisible();
    await expect(card).toContainText('token 5 of');
    await word(9).tap();
    await expect(card).toContainText('token 10 of');
    const box = await card.boundingBox();
    expect(box && box.x >= 0 && box.x + box.width <= PHONE.width).toBe(true);
    await page.screenshot({ path: join(SHOTS, 'screen-tap-390-dark.png') });
    await page.getByRole('heading', { name: 'Vane', level: 1 }).tap();
    await expect(card).toHaveCount(0);
  });
});

test('dialogs and menus are clean and give the focus back', async ({ page }) => {
  await page.setViewportSize(DESKTOP);
  await open(page, 'main');
  const shot = (name: string) => page.screenshot({ path: join(SHOTS, `screen-${name}-1280-dark.png`) });
  const clean = async () => expect(await axeViolations(page)).toEqual([]);
  const head = page.getByRole('button', { name: /Edit condition D/ });
  await head.click();
  await expect(page.getByRole('dialog', { name: 'Condition D' })).toBeVisible();
  await clean();
  await shot('condition');
  await page.keyboard.press('Escape');
  await expect(head).toBeFocused();
  await head.click();
  await page.getByRole('button', { name: 'Run its controls' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(head).toBeFocused();
  for (const name of ['Export', /samples · T/, /Controls:/]) {
    const button = page.getByRole('button', { name }).last();
    await button.click();
    await expect(button).toHaveAttribute('aria-expanded', 'true');
    await clean();
    await shot(`menu-${String(name).replace(/\W/g, '')}`);
    await page.keyboard.press('Escape');
    await expect(button).toBeFocused();
  }
  await page.getByRole('button', { name: /^Share/ }).click();
  await expect(page.getByRole('dialog', { name: 'Share this experiment' })).toBeVisible();
  await clean();
  await shot('share');
  await open(page, 'readout');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await clean();
  await shot('keys');
  await page.keyboard.press('Escape');
  const figures = page.getByRole('button', { name: 'All 5 figures' });
  await figures.click();
  await expect(page.getByRole('dialog', { name: 'How far to trust read-out of blocks 4 to 6' })).toBeVisible();
  await clean();
  await shot('validity');
  await page.keyboard.press('Escape');
  await expect(figures).toBeFocused();
});
