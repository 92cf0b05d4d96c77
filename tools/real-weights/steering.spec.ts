import { type Browser, expect, type Page, test } from '@playwright/test';
import { appUrl, launchChromium, startHost } from '../../tests/parity/support/fixtures';
import type { StaticServer } from '../../tests/parity/support/static-server';
import { chooseFile, openWithQwen, STEP_MS, settled } from './real-qwen';

/** Mean share of French function words, 0 to 1, of the fresh answers of a condition, once they are there. */
async function frenchShare(page: Page, condition: string): Promise<number> {
  const scored = () =>
    page.evaluate(
      (name) =>
        window.vane
          .results()
          .flatMap((row) => (row.condition === name && !row.stale && typeof row.scores?.custom === 'number' ? [row.scores.custom] : [])),
      condition,
    );
  await expect
    .poll(async () => (await scored()).length, { message: `scored answers of ${condition}`, timeout: STEP_MS, intervals: [2_000] })
    .toBeGreaterThanOrEqual(8);
  await settled(page);
  const shares = await scored();
  return shares.reduce((sum, share) => sum + share, 0) / shares.length / 100;
}

test.describe('the main job on a real chat model, from a file of this machine', () => {
  let browser: Browser;
  let host: StaticServer;
  test.beforeAll(async () => {
    browser = await launchChromium();
    host = await startHost();
  });
  test.afterAll(async () => {
    await browser.close();
    await host.stop();
  });

  test('French against English: direction, steering, random controls, link, recompute', async () => {
    test.setTimeout(2 * STEP_MS);
    const page = await browser.newPage();
    await openWithQwen(page, appUrl(host));
    await page.evaluate(() => window.vane.actions.setJudge({ kind: 'programmatic', rule: { type: 'language', language: 'french' } }));
    await settled(page);
    expect(await frenchShare(page, 'base')).toBeLessThanOrEqual(0.02);

    await page.evaluate(() => window.vane.actions.computeDirection());
    await page.evaluate(() => {
      const { actions } = window.vane;
      actions.addIntervention('steer');
      const [record] = window.vane.document.interventions;
      if (record) actions.patchIntervention(record.id, { unit: 'direction', coefficient: 1, tokens: 'all' });
    });
    await settled(page);
    const steered = (await page.evaluate(() => window.vane.document.conditions.map(({ name }) => name)))[1] ?? '';
    const share = await frenchShare(page, steered);
    const conditionId = await page.evaluate(() => window.vane.document.conditions[1]?.id ?? '');
    await page.evaluate((id) => window.vane.actions.runControls(id), conditionId);
    const controls = (await (await page.evaluateHandle(() => window.vane.export('scores.jsonl').then((blob) => blob.text()))).jsonValue())
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { control: string; figure: string; value: number })
      .filter(({ control, figure }) => control.startsWith('random') && figure === 'custom');
    console.log(JSON.stringify({ steered: share, controls: controls.map(({ control, value }) => [control, value / 100]) }));
    expect(share).toBeGreaterThanOrEqual(0.25);
    expect(controls).toHaveLength(3);
    for (const { value } of controls) expect(value / 100).toBeLessThanOrEqual(0.05);

    const link = await page.evaluate(() => window.vane.link());
    const stranger = await (await browser.newContext()).newPage();
    await stranger.goto(link);
    await stranger.evaluate(() => window.vane.ready);
    const count = await stranger.evaluate(() => window.vane.results().length);
    await chooseFile(stranger);
    await settled(stranger);
    const report = await stranger.evaluate(() => window.vane.recompute());
    expect(report).toMatchObject({ answers: count, matched: count, differences: [] });
  });
});
