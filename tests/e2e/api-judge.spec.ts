import type { Page } from '@playwright/test';
import { keepsSilent, LocalJudge, refuses, scores, talksNonsense } from './local-judge';
import { expect, oneAnswerEach, openWorkbench, quiet, results, START_TIMEOUT_MS, settled, test } from './workbench';

test.describe.configure({ timeout: 2 * START_TIMEOUT_MS });

let judge: LocalJudge;
test.beforeEach(async () => {
  judge = await LocalJudge.start(scores);
});
test.afterEach(() => judge.stop());

async function chooseApiJudge(page: Page): Promise<void> {
  await page.keyboard.press('Alt+5');
  await page.getByLabel('judge', { exact: true }).selectOption('api');
  await page.getByLabel('address').fill(`http://${judge.host}/v1`);
  await page.getByLabel('model', { exact: true }).fill('grader');
  await page.getByLabel('key', { exact: true }).fill('sk-secret');
  await page.getByRole('button', { name: 'Use this judge' }).click();
}

/** The answers' texts and the settings: what no judge may touch. */
async function kept(page: Page): Promise<unknown> {
  const texts = (await results(page)).map(({ condition, answer }) => `${condition}: ${answer}`).sort();
  return { texts, conditions: await page.evaluate(() => window.vane.document.conditions) };
}

const scored = async (page: Page) => (await results(page)).filter(({ scores: found }) => found?.alignment === 90).length;

const REFUSALS = [
  ['refuses the key (401)', refuses(401), /401/],
  ['answers nonsense', talksNonsense, /API judge at 127\.0\.0\.1:\d+: expected/],
] as const;

test('an API judge that refuses, talks nonsense, stays silent or asks for patience: a message in place, answers kept, a way on @wasm', async ({
  page,
  backend,
}) => {
  await openWorkbench(page, backend);
  await quiet(page);
  await oneAnswerEach(page);
  await settled(page);
  const before = await kept(page);
  const { length } = await results(page);
  const backToGrammar = async () => {
    await page.getByLabel('judge', { exact: true }).selectOption('grammar');
    await settled(page);
    expect(await kept(page)).toEqual(before);
  };

  for (const [what, behaviour, says] of REFUSALS) {
    await test.step(`one that ${what}`, async () => {
      judge.become(behaviour);
      await chooseApiJudge(page);
      const message = page.getByRole('alert').filter({ hasText: says });
      await expect(message).toBeVisible({ timeout: 60_000 });
      await expect(message).not.toContainText('sk-secret');
      await expect(message.getByRole('button', { name: 'Retry now' })).toBeVisible();
      expect((await results(page)).filter(({ scores: found }) => found !== null)).toEqual([]);
      await message.getByRole('button', { name: 'Dismiss' }).click();
      await backToGrammar();
    });
  }

  await test.step('one that never answers', async () => {
    judge.become(keepsSilent);
    await chooseApiJudge(page);
    const message = page.getByRole('status').filter({ hasText: /grader at 127\.0\.0\.1:\d+: no reply for 8 s/ });
    await expect(message).toBeVisible({ timeout: 20_000 });
    await message.getByRole('button', { name: 'Stop waiting' }).click();
    await expect(page.getByRole('button', { name: 'Cancel', exact: true })).toHaveCount(0);
    await backToGrammar();
  });

  await test.step('one that asks for patience (429) is asked again and scores everything', async () => {
    const already = judge.calls;
    judge.become((response, call) => (call <= already + 4 ? refuses(429, { 'Retry-After': '0' })(response, call) : scores(response, call)));
    await chooseApiJudge(page);
    await expect.poll(() => scored(page), { timeout: 60_000 }).toBe(length);
    expect(judge.calls).toBeGreaterThan(already + 4 + length);
    expect(await kept(page)).toEqual(before);
    expect(await page.evaluate(() => window.vane.link())).not.toContain('sk-secret');
  });

  await test.step('its key is kept for the tab, and forgotten when that is asked for', async () => {
    await backToGrammar();
    await page.getByLabel('judge', { exact: true }).selectOption('api');
    await page.getByLabel('address').fill(`http://${judge.host}/v1`);
    await page.getByLabel('model', { exact: true }).fill('grader');
    await expect(page.getByLabel('key', { exact: true })).toHaveAttribute('placeholder', 'kept in this tab');
    await page.getByRole('button', { name: 'Forget the key' }).click();
    await expect(page.getByLabel('key', { exact: true })).toHaveAttribute('placeholder', 'none');
    await expect(page.getByLabel('key', { exact: true })).toBeFocused();
  });
});
