import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { appUrl, launchChromium, ROOT, startHost } from '../../tests/parity/support/fixtures';
import { openWithQwen, STEP_MS } from './real-qwen';

/** The asked judge is measured on every eighth question: in f32 on one thread it takes a quarter of a minute an answer. */
const ASKED_EVERY = 8;

/** The good and bad answers of some of the shipped questions, as a labels file. */
function askedLabels(): string {
  const lines = readFileSync(join(ROOT, 'public', 'judge', 'readout-labels.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean);
  const rows = lines.map((line) => ({ line, ...(JSON.parse(line) as { question: string; label: string }) }));
  const told = rows.filter(({ label }) => label === 'good' || label === 'bad');
  const questions = [...new Set(told.map(({ question }) => question))].sort();
  const some = new Set(questions.filter((_, at) => at % ASKED_EVERY === 0));
  return told.flatMap(({ line, question }) => (some.has(question) ? [line] : [])).join('\n');
}

/** AUC of alignment with its interval and count, as the table in step 5 shows it. */
async function shownAuc(page: Page): Promise<{ auc: number; low: number; high: number; rows: number }> {
  const row = page.getByRole('row', { name: /^alignment AUC/ }).first();
  await expect(row).toBeVisible({ timeout: STEP_MS });
  const [, auc, low, high, rows] = (await row.innerText()).match(/([\d.]+)\s*\[([\d.]+), ([\d.]+)\]\s*n = (\d+)/) ?? [];
  return { auc: Number(auc), low: Number(low), high: Number(high), rows: Number(rows) };
}

test('judges of a real chat model: its read-out holds on a domain left out; the model asked, beside it', async () => {
  test.setTimeout(2 * STEP_MS);
  const browser = await launchChromium();
  const host = await startHost();
  try {
    const page = await browser.newPage();
    await openWithQwen(page, appUrl(host));
    await page.keyboard.press('Alt+5');
    const readout = await shownAuc(page);
    console.log(JSON.stringify({ readout }));

    await page.evaluate(async (labels) => {
      const { actions, document } = window.vane;
      await actions.setJudge({ kind: 'chat', source: document.model.source, rubric: '' });
      await actions.importLabels(new File([labels], 'labels.jsonl'));
      await actions.measureJudge();
    }, askedLabels());
    const asked = await shownAuc(page);

    console.log(JSON.stringify({ asked }));
    expect(readout.rows).toBeGreaterThanOrEqual(400);
    expect(readout.auc).toBeGreaterThanOrEqual(0.93);
    expect(asked.rows).toBeGreaterThan(0);
  } finally {
    await browser.close();
    await host.stop();
  }
});
