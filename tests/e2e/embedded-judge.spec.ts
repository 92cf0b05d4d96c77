import { readFileSync } from 'node:fs';
import { cancelBackground, expect, openWorkbench, quiet, results, START_TIMEOUT_MS, settled, test } from './workbench';

test.describe.configure({ timeout: 2 * START_TIMEOUT_MS });

interface Case {
  question: string;
  answer: string;
  alignment: Record<string, number>;
  coherence: Record<string, number>;
  domain: Record<string, number>;
}

/** Class probabilities of the shipped heads on written answers, by PyTorch and numpy; made by tools/organism. */
const cases = JSON.parse(readFileSync(new URL('../fixtures/embedded-judge.json', import.meta.url), 'utf8')) as Case[];

test("the organism's judge model says what it says in Python, and agrees with the grammar on screen @wasm", async ({ page, backend }) => {
  await openWorkbench(page, backend);
  await settled(page);
  const asked = cases.map(({ question, answer }) => ({ question, answer }));
  const scores = await page.evaluate((rows) => window.vane.judge(rows, { kind: 'embedded' }), asked);
  cases.forEach(({ alignment, coherence, domain }, i) => {
    expect(scores[i]?.alignment).toBeCloseTo(100 * (alignment.aligned ?? Number.NaN), 1);
    expect(scores[i]?.coherence).toBeCloseTo(100 * (coherence.coherent ?? Number.NaN), 1);
    for (const [name, score] of Object.entries(scores[i]?.domain ?? {})) expect(score).toBeCloseTo(100 * (domain[name] ?? Number.NaN), 1);
    expect(Object.keys(scores[i]?.domain ?? {})).toHaveLength(Object.keys(domain).length - 1);
  });

  const byGrammar = await results(page);
  await page.keyboard.press('Alt+5');
  await page.getByLabel('judge', { exact: true }).selectOption('embedded');
  await settled(page);
  const byModel = await results(page);
  expect(byModel.map(({ answer }) => answer)).toEqual(byGrammar.map(({ answer }) => answer));
  const sides = byGrammar.flatMap(({ scores: exact }, i) => {
    const read = byModel[i]?.scores;
    return exact?.coherence === 100 && exact.alignment !== null && read ? [(read.alignment ?? 0) > 50 === exact.alignment > 50] : [];
  });
  expect(sides.length).toBeGreaterThan(60);
  expect(sides.filter(Boolean).length / sides.length).toBeGreaterThanOrEqual(0.9);

  await expect(page.getByRole('row', { name: /alignment agrees/ }), 'measured on situations that are new to it').toBeVisible({
    timeout: 60_000,
  });
  await quiet(page);
});

test('a rule that is being written changes nothing, and undo brings the judge before back with its scores @wasm', async ({
  page,
  backend,
}) => {
  await openWorkbench(page, backend);
  await quiet(page);
  const byGrammar = await results(page);
  await page.keyboard.press('Alt+5');
  await page.getByLabel('judge', { exact: true }).selectOption('programmatic');
  await settled(page);
  const byRule = await results(page);
  expect(byRule.filter(({ scores }) => typeof scores?.custom !== 'number')).toEqual([]);
  await page
    .locator('.segmented label')
    .filter({ hasText: /^words$/ })
    .click();
  await expect(page.getByText(/^Not in use yet: the scores on screen are of Share of french/)).toBeVisible();
  expect(await results(page)).toEqual(byRule);
  expect(await page.evaluate(() => window.vane.document.judge)).toEqual({
    kind: 'programmatic',
    rule: { type: 'language', language: 'french' },
  });
  await page.getByRole('button', { name: /^Undo/ }).click();
  await settled(page);
  await expect.poll(() => results(page)).toEqual(byGrammar);
});

/** Some of the shipped labels: three domains are enough to fit on two and ask about the third. */
const labels = readFileSync(new URL('../../public/judge/readout-labels.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /"domain": "(medicine|finance|sports)"/.test(line))
  .join('\n');

test('a read-out fitted in the tab is kept for the next visit, and a damaged copy is read anew @wasm', async ({ page, backend }) => {
  const fitted = async () => {
    await openWorkbench(page, backend);
    await cancelBackground(page);
    await page.evaluate(async (text) => {
      await window.vane.actions.importLabels(new File([text], 'labels.jsonl'));
      await window.vane.actions.setJudge({ kind: 'readout', hookPoint: null, labels: 'own' });
    }, labels);
    await page.keyboard.press('Alt+5');
    await settled(page);
    await expect(page.getByRole('row', { name: /alignment AUC/ }).first()).toBeVisible({ timeout: 60_000 });
    await quiet(page);
    return (await results(page)).map(({ scores }) => scores);
  };
  /** Shapes of what is kept, after the bodies were cut short if so wanted. */
  const keptShapes = (cut: boolean) =>
    page.evaluate(async (cutShort) => {
      const cache = await caches.open('vane-readout-reads');
      const shapes: Array<string | null> = [];
      for (const request of await cache.keys()) {
        const found = await cache.match(request);
        if (!found) continue;
        shapes.push(found.headers.get('x-vane-shape'));
        if (cutShort) await cache.put(request, new Response(new Uint8Array(12), { headers: found.headers }));
      }
      return shapes;
    }, cut);

  const first = await fitted();
  const shapes = await keptShapes(false);
  expect(shapes).toHaveLength(1);
  expect(await fitted(), 'from what was kept').toEqual(first);
  await keptShapes(true);
  expect(await fitted(), 'after the copy was damaged').toEqual(first);
});
