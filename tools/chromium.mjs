// Finds a Chromium for the browser tests, and installs one where there is none.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { run, runPackage, say } from './setup.mjs';

const USUAL_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/**
 * Path of a Chromium: CHROME_PATH, the usual places, then Playwright's own.
 * @returns {Promise<string | null>}
 */
export async function findChromium() {
  const named = process.env.CHROME_PATH;
  if (named) return named;
  const { chromium } = await import('@playwright/test');
  return [...USUAL_PATHS, chromium.executablePath()].find((path) => existsSync(path)) ?? null;
}

/**
 * Path of a Chromium that starts; installs one by Playwright, else on Debian as root by apt-get.
 * @throws Error when none could be installed.
 */
export async function ensureChromium() {
  const found = await findChromium();
  if (found && starts(found)) return found;

  say('No Chromium found: installing one (npx playwright install chromium)');
  await runPackage('@playwright/test/cli.js', ['install', 'chromium']);
  const { chromium } = await import('@playwright/test');
  if (starts(chromium.executablePath())) return chromium.executablePath();

  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say('Installing Chromium by apt-get');
    await run('apt-get', ['update', '-q']);
    await run('apt-get', ['install', '-qy', '--no-install-recommends', 'chromium']);
    if (starts('/usr/bin/chromium')) return '/usr/bin/chromium';
  }
  throw new Error('Chromium: expected one to be found or installed, got none. Install Chromium or Chrome and name it in CHROME_PATH.');
}

function starts(path) {
  return existsSync(path) && spawnSync(path, ['--version'], { timeout: 30_000 }).status === 0;
}
