// `npm test`: everything that is checked, one step after another; the last line adds up all runners.
// `npm test -- unit browser` runs some of the steps only: typecheck, lint, build, unit, browser. `--project NAME` and `--grep TEXT` narrow browser.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled, ROOT, runPackage, say } from './setup.mjs';

const REPORTS = join(ROOT, 'build', 'test-reports');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { project: { type: 'string', multiple: true }, grep: { type: 'string' } },
});

/** Each gives `{ passed, failed, skipped }`; a step without tests of its own counts as one. */
const STEPS = {
  typecheck: () => check('Types (tsc)', 'typescript/bin/tsc', ['--noEmit', '-p', '.']),
  lint: () => check('Lint (biome)', '@biomejs/biome/bin/biome', ['check', '--diagnostic-level=error']),
  build: () => check('Build (vite)', 'vite/bin/vite.js', ['build', '--logLevel', 'warn']),
  unit: runUnit,
  browser: runBrowser,
};

/** Most tests can share the cores; those that measure time, and the whole job on the software GPU, which takes all there is, get them alone. */
const BROWSER_ROUNDS = [
  { projects: ['gallery', 'parity-wasm', 'parity-webgpu', 'e2e-wasm'], workers: 2 },
  { projects: ['access-wasm', 'e2e-webgpu'], workers: 1 },
];
const ALL_PROJECTS = BROWSER_ROUNDS.flatMap(({ projects }) => projects);

const unknown = positionals.filter((name) => !Object.hasOwn(STEPS, name));
if (unknown.length > 0) {
  console.error(`npm test: expected steps among ${Object.keys(STEPS).join(', ')}, got ${unknown.join(', ')}.`);
  process.exit(2);
}
const unknownProjects = (values.project ?? []).filter((name) => !ALL_PROJECTS.includes(name));
if (unknownProjects.length > 0) {
  console.error(`npm test --project: expected one of ${ALL_PROJECTS.join(', ')}, got ${unknownProjects.join(', ')}.`);
  process.exit(2);
}

await ensureInstalled();
rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(REPORTS, { recursive: true });

const names = Object.keys(STEPS).filter((name) => positionals.length === 0 || positionals.includes(name));
const results = [];
for (const name of names) {
  const started = Date.now();
  const counts = await STEPS[name]().catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1, skipped: 0 };
  });
  results.push({ name, seconds: (Date.now() - started) / 1000, ...counts });
}

console.log('');
for (const { name, passed, failed, skipped, seconds } of results) {
  console.log(
    `${name.padEnd(10)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed${skipped ? ` ${skipped} skipped` : ''}  ${seconds.toFixed(0)} s`,
  );
}
const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
console.log(`${total('passed')} passed, ${total('failed')} failed`);
process.exit(total('failed') > 0 ? 1 : 0);

async function check(title, script, args) {
  say(title);
  const code = await runPackage(script, args);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

async function runUnit() {
  say('Unit tests (vitest)');
  const report = join(REPORTS, 'vitest.json');
  const code = await runPackage('vitest/vitest.mjs', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  const { testResults } = readReport(report);
  const tests = testResults.flatMap((file) => file.assertionResults);
  const count = (...states) => tests.filter((test) => states.includes(test.status)).length;
  // A file that could not be read fails without a test of its own.
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  return settle({ passed: count('passed'), failed: count('failed') + brokenFiles, skipped: count('skipped', 'pending', 'todo') }, code);
}

async function runBrowser() {
  const { ensureChromium } = await import('./chromium.mjs');
  const chromium = await ensureChromium();
  const wanted = values.project ?? ALL_PROJECTS;
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const [index, { projects, workers }] of BROWSER_ROUNDS.entries()) {
    const chosen = projects.filter((name) => wanted.includes(name));
    if (chosen.length === 0) continue;
    say(`Browser tests (playwright) in ${chromium}: ${chosen.join(', ')}`);
    const report = join(REPORTS, `playwright-${index + 1}.json`);
    const env = {
      ...process.env,
      CHROME_PATH: chromium,
      VANE_CHROMIUM: chromium,
      VANE_TEST_PORT: String(await freePorts(3)),
      PLAYWRIGHT_JSON_OUTPUT_FILE: report,
    };
    const grep = values.grep ? ['--grep', values.grep, '--pass-with-no-tests'] : [];
    const names = chosen.flatMap((name) => ['--project', name]);
    const args = ['test', `--workers=${workers}`, '--reporter=list,json', ...names, ...grep];
    const code = await runPackage('@playwright/test/cli.js', args, { env });
    const { stats, errors } = readReport(report);
    const counts = settle({ passed: stats.expected + stats.flaky, failed: stats.unexpected + errors.length, skipped: stats.skipped }, code);
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
  return total;
}

/** A runner that ends with an error has failed, even if it names no test. */
function settle(counts, code) {
  return { ...counts, failed: code !== 0 && counts.failed === 0 ? 1 : counts.failed };
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new Error(`${path}: expected the runner's report, got none. The runner ended before its tests did; see its messages above.`);
  }
}

/** The first of `count` neighbouring ports that are free now. */
async function freePorts(count) {
  for (let first = 41_730; first < 42_730; first += count) {
    const free = await Promise.all(Array.from({ length: count }, (_, at) => isFree(first + at)));
    if (free.every(Boolean)) return first;
  }
  throw new Error('ports: expected three free ones above 41730, got none.');
}

function isFree(port) {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}
