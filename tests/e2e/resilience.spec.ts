import { expect, openWorkbench, results, START_TIMEOUT_MS, settled, test } from './workbench';

test.describe.configure({ timeout: 2 * START_TIMEOUT_MS });

const BROKEN_LINKS: Array<[what: string, fragment: string, says: RegExp]> = [
  ['a cut link', '#v1.abc', /link/],
  ['a link of a future version', '#v99.AAAA', /newer|version/i],
  ['noise', '#v1.!!!!', /link/],
];

for (const [what, fragment, says] of BROKEN_LINKS) {
  test(`${what}: one clear message and a way on @wasm`, async ({ page }) => {
    await page.goto(`./${fragment}`);
    await page.evaluate(() => window.vane.ready);
    const alert = page.getByRole('alert').filter({ hasText: says });
    await expect(alert.first()).toBeVisible();
    await page.getByRole('button', { name: 'Start with the embedded organism' }).click();
    await expect.poll(async () => (await results(page)).length, { timeout: START_TIMEOUT_MS }).toBeGreaterThan(0);
  });
}

test('a link that names another host asks first and fetches nothing from it @wasm', async ({ page, context }) => {
  const asked: string[] = [];
  await context.route('https://models.example/**', (route) => {
    asked.push(route.request().url());
    return route.abort();
  });
  await page.goto('./');
  await page.evaluate(() => window.vane.ready);
  await settled(page);
  const link = await page.evaluate(() => window.vane.link());
  const foreign = await page.evaluate(async () => {
    const file = await window.vane.export('document');
    const document = JSON.parse(await file.text());
    document.model.source = 'https://models.example/model.gguf';
    // Another hash, or the model that is loaded already would do.
    document.model.sha256 = '0'.repeat(64);
    await window.vane.import(new File([JSON.stringify(document)], 'foreign.vane.json'));
    return window.vane.document.model.source;
  });
  expect(link).toMatch(/#v\d+\./);
  expect(foreign).toBe('https://models.example/model.gguf');
  await page.getByRole('region', { name: 'Recorded result' }).getByRole('button', { name: 'Recompute' }).click();
  const permission = page.getByRole('alert', { name: 'Permission' });
  await expect(permission).toContainText('models.example');
  await permission.getByRole('button', { name: 'No' }).click();
  await expect(permission).toHaveCount(0);
  expect(asked).toEqual([]);
});

test('a load that fails is one error that names the file, and the next load works @wasm', async ({ page, backend }) => {
  await openWorkbench(page, backend);
  await settled(page);
  const before = await page.evaluate(() => window.vane.document.title);
  const failed = await page.evaluate(() =>
    window.vane.load('organism', { adapters: [{ name: 'none', source: 'organism:no-such-adapter' }] }).then(
      () => 'loaded',
      (error: Error) => error.message,
    ),
  );
  expect(failed).toMatch(/no-such-adapter/);
  const again = await page.evaluate(async () => {
    const model = await window.vane.load('organism');
    const { nLayers } = model.info;
    await model.dispose();
    return nLayers;
  });
  expect(again).toBeGreaterThan(0);
  expect(await page.evaluate(() => window.vane.document.title)).toBe(before);
});

test('files of the wrong kind are refused by name, the document stays @wasm', async ({ page, backend }) => {
  await openWorkbench(page, backend);
  const message = await page.evaluate(() =>
    window.vane.import(new File(['<html>not a document</html>'], 'page.html')).then(
      () => '',
      (error: Error) => error.message,
    ),
  );
  expect(message).toMatch(/page\.html/);
  expect((await results(page)).length).toBeGreaterThan(0);
});

test('an API judge that refuses the key: its error says so, the answers stay, nothing is stored @wasm', async ({
  page,
  backend,
  context,
}) => {
  await context.route('https://judge.example/**', (route) => route.fulfill({ status: 401, body: '{"error":{"message":"bad key"}}' }));
  await openWorkbench(page, backend);
  await settled(page);
  const outcome = await page.evaluate(async () => {
    const answers = window.vane.results().slice(0, 8);
    const error = await window.vane.judge(answers, { kind: 'api', baseUrl: 'https://judge.example/v1', model: 'judge' }).then(
      () => null,
      (reason: Error) => reason.message,
    );
    return { error, answers: window.vane.results().length, stored: JSON.stringify({ ...localStorage }) };
  });
  expect(outcome.error).toMatch(/401/);
  expect(outcome.answers).toBeGreaterThan(0);
  expect(outcome.stored).not.toMatch(/key/i);
});

test('works without cross-origin isolation under a sub-path, on one thread @wasm', async ({ page }) => {
  await page.goto(`${process.env.VANE_PLAIN_URL}?backend=wasm`);
  await page.evaluate(() => window.vane.ready);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
  expect((await results(page)).length).toBeGreaterThan(0);
  await page.keyboard.press('Alt+1');
  await expect(page.getByText(/One thread: this host does not send the two headers/)).toBeVisible();
});
