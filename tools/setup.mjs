// What both commands need before anything else: the right Node, the installed packages, and a way to run programs.
// Only Node's own modules: this runs before `node_modules` exists.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Prints one line of what is being done. */
export function say(text) {
  console.log(`\n> ${text}`);
}

/**
 * Runs a program with this terminal's input and output.
 * @returns {Promise<number>} its exit code; 127 when it could not be started.
 */
export function run(program, args, options = {}) {
  return new Promise((done) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: 'inherit', ...options });
    child.on('error', () => done(127));
    child.on('exit', (code, signal) => done(code ?? (signal ? 130 : 1)));
  });
}

/** Runs the command-line program of an installed package, such as `vite/bin/vite.js`. */
export function runPackage(script, args, options = {}) {
  return run(process.execPath, [join(ROOT, 'node_modules', script), ...args], options);
}

/** Runs npm itself, by the copy that started this script where there is one. */
function runNpm(args) {
  const npm = process.env.npm_execpath;
  if (npm && /\.c?js$/.test(npm)) return run(process.execPath, [npm, ...args]);
  return run('npm', args, { shell: process.platform === 'win32' });
}

/** Installs what package-lock.json names, unless it is there already. Ends the process with a remedy when that fails. */
export async function ensureInstalled() {
  const { engines } = readJson('package.json');
  const least = engines.node.replace('>=', '');
  if (compareVersions(process.versions.node, least) < 0) {
    console.error(`Node: expected ${least} or newer, got ${process.versions.node}. Install a newer Node from https://nodejs.org.`);
    process.exit(1);
  }
  if (isInstalled()) return;
  say('Installing packages (npm ci)');
  const code = await runNpm(['ci', '--no-audit', '--no-fund']);
  if (code === 0) return;
  console.error(`npm ci: expected exit code 0, got ${code}. See its messages above; the package registry must be reachable.`);
  process.exit(1);
}

/** Whether node_modules holds every package of the lock file in the version it names; packages for other systems may be missing. */
function isInstalled() {
  const hidden = join('node_modules', '.package-lock.json');
  if (!existsSync(join(ROOT, hidden))) return false;
  const wanted = readJson('package-lock.json').packages;
  const found = readJson(hidden).packages;
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || found[path]?.version === entry.version || (entry.optional === true && !found[path]),
  );
}

function readJson(path) {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
}

/** Negative when version `a` is older than `b`. */
function compareVersions(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let at = 0; at < 3; at++) if (left[at] !== (right[at] ?? 0)) return left[at] - (right[at] ?? 0);
  return 0;
}
