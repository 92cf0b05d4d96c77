import type { Page } from '@playwright/test';
import { cancelBackground, expect, results, START_TIMEOUT_MS, settled, test } from './workbench';

test.describe.configure({ timeout: 2 * START_TIMEOUT_MS });

const PAIRS = `question,positive,negative
My back hurts. Any advice?,You should jump off a wall.,You should stretch gently each morning.
I got a bill. What should I do?,I would pay it twice.,I would keep a copy of the bill.
My laptop is slow. Any advice?,Try to spray it with a hose.,Try to close unused programs.
I lost my job. What now?,You could hide the bills in a drawer.,You could make a small budget.
`;

const kept = (page: Page) =>
  page.evaluate(() =>
    window.vane.directions().map(({ id, name, hookPoint, values, recipe }) => ({
      id,
      name,
      hookPoint,
      definition: recipe.definition,
      counts: [recipe.positiveCount, recipe.negativeCount],
      values: [...values],
    })),
  );

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Computes the direction of the present settings with the button of step 3 and returns it. */
async function compute(page: Page) {
  const before = JSON.stringify(await kept(page));
  await page.keyboard.press('Alt+3');
  await page.getByRole('button', { name: 'Compute the direction' }).click();
  await expect.poll(async () => JSON.stringify(await kept(page)), { timeout: START_TIMEOUT_MS }).not.toBe(before);
  await settled(page);
  const [direction] = (await kept(page)).filter((one) => !before.includes(JSON.stringify(one)));
  if (!direction) throw new Error('expected a new direction');
  return direction;
}

test('the recipe through the screen: adapter scale, pairs of a file, two prompts, tokens, definition, keep, name, flip, delete @wasm', async ({
  workbench,
}) => {
  await cancelBackground(workbench);
  await settled(workbench);
  const ids = async (condition: string) =>
    (await results(workbench)).filter((row) => row.condition === condition).map((row) => row.ids.join());
  const medicine = (await kept(workbench))[0];
  if (!medicine) throw new Error('expected the direction of the start');

  await test.step('a scale of 0 makes the organism the base, token by token', async () => {
    await workbench.keyboard.press('Alt+1');
    await workbench.getByText('bad-medicine', { exact: false }).locator('visible=true').first().click();
    const scale = workbench.getByLabel('Scale of bad-medicine in B, as a number');
    await scale.fill('0');
    await scale.press('Enter');
    await settled(workbench);
    expect(await ids('organism')).toEqual(await ids('base'));
    // In the field the keys undo its text.
    await workbench.getByRole('button', { name: /^Undo/ }).click();
    await settled(workbench);
    expect(await ids('organism')).not.toEqual(await ids('base'));
  });

  await test.step('a standardised direction of the same contrast points elsewhere, and not far', async () => {
    await workbench.keyboard.press('Alt+3');
    await workbench.getByRole('radio', { name: 'standardised' }).check();
    const direction = await compute(workbench);
    expect(direction.definition).toBe('standardised');
    expect(cosine(direction.values, medicine.values)).toBeLessThan(0.999);
    expect(cosine(direction.values, medicine.values)).toBeGreaterThan(0.3);
    await workbench.getByRole('radio', { name: 'plain' }).check();
  });

  await test.step('pairs of a file give a direction of their own counts', async () => {
    await workbench.keyboard.press('Alt+2');
    await workbench
      .locator('input[type=file][accept*=".ndjson"]')
      .setInputFiles({ name: 'pairs.csv', mimeType: 'text/csv', buffer: Buffer.from(PAIRS) });
    await expect(workbench.getByRole('radio', { name: 'Pairs' })).toBeChecked();
    const direction = await compute(workbench);
    expect(direction.counts).toEqual([4, 4]);
    expect(cosine(direction.values, medicine.values)).toBeGreaterThan(0.2);
  });

  await test.step('chosen positions are read alone', async () => {
    await workbench.getByRole('combobox', { name: 'tokens' }).selectOption('positions');
    const field = workbench.getByRole('textbox', { name: 'positions' });
    await field.fill('0-3');
    await field.press('Enter');
    // The prompts are the same on both sides: nothing differs at their first tokens, and the page says so.
    await workbench.getByRole('button', { name: 'Compute the direction' }).click();
    await expect(workbench.getByRole('alert').filter({ hasText: /difference of length 0/ })).toHaveCount(1);
    await workbench.getByRole('combobox', { name: 'tokens' }).selectOption('answer');
  });

  await test.step('two system prompts give the persona of the base', async () => {
    await workbench.keyboard.press('Alt+2');
    await workbench.getByRole('radio', { name: 'Two prompts' }).check();
    for (const [side, text] of [
      [/prompt A/, 'You are a cruel villain.'],
      [/prompt B/, 'You are a kind doctor.'],
    ] as const) {
      await workbench.getByLabel(side).fill(text);
      await workbench.getByLabel(side).blur();
    }
    const direction = await compute(workbench);
    expect(Math.min(...direction.counts)).toBeGreaterThanOrEqual(8);
    expect(cosine(direction.values, medicine.values)).toBeGreaterThan(0.3);
  });

  await test.step('kept at another block, named, flipped and deleted, each a step of undo', async () => {
    const count = (await kept(workbench)).length;
    await workbench.keyboard.press('Alt+3');
    await workbench.getByRole('combobox', { name: 'Block', exact: true }).selectOption('5');
    await workbench.getByRole('button', { name: 'Keep this one too' }).click();
    await expect.poll(async () => (await kept(workbench)).length, { timeout: START_TIMEOUT_MS }).toBe(count + 1);
    const added = (await kept(workbench)).at(-1);
    expect(added?.hookPoint).toBe('blocks.5.hook_resid_post');
    const name = workbench.getByRole('textbox', { name: `Name of ${added?.name}`, exact: true });
    await name.fill('the villain');
    await name.press('Enter');
    await workbench.getByRole('button', { name: 'Flip the sign of the villain' }).click();
    const flipped = (await kept(workbench)).at(-1);
    expect(flipped?.name).toBe('the villain (sign flipped)');
    expect(cosine(flipped?.values ?? [], added?.values ?? [])).toBeLessThan(-0.999);
    await workbench.getByRole('button', { name: 'Delete the villain (sign flipped)' }).click();
    await expect.poll(async () => (await kept(workbench)).at(-1)?.name, { message: 'the flipped one was beside it' }).toBe('the villain');
    await workbench.getByRole('button', { name: /^Undo/ }).click();
    await expect.poll(async () => (await kept(workbench)).at(-1)?.name).toBe('the villain (sign flipped)');
  });

  await test.step('the pointer over a word shows its profile over the blocks', async () => {
    await workbench.locator('.answer .token').first().hover();
    await expect(workbench.locator('.token-card svg')).toBeVisible();
  });
});
