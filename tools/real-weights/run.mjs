// `npm run real-weights`: fetches the real checkpoints, writes the transformers reference and checks the built app against it.
// Needs Python with pip, torch, transformers 5, accelerate, gguf and safetensors (VANE_PYTHON names it) and about 4 GB of disk;
// `npm run build` comes first. Says clearly what could not be had; exit status 3 when nothing could be checked.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = import.meta.dirname;
const ROOT = join(FOLDER, '..', '..');
const CACHE = join(ROOT, '.cache', 'real-weights');
const python = process.env.VANE_PYTHON ?? 'python3';
const checkpoints = Object.keys(JSON.parse(readFileSync(join(FOLDER, 'checkpoints.json'), 'utf8')));

function run(command, args) {
  return spawnSync(command, args, { stdio: 'inherit', cwd: ROOT }).status ?? 1;
}

if (run(python, [join(FOLDER, 'fetch.py')]) !== 0)
  console.error('Not every checkpoint could be had; the checks go on with those that are there.');
const withoutReference = checkpoints.filter((name) => !existsSync(join(CACHE, `${name}.cases.json`)));
if (withoutReference.length > 0 && run(python, [join(FOLDER, 'reference.py'), ...withoutReference]) !== 0) {
  console.error('NOT CHECKED in full: the transformers reference could not be written (see above).');
}
const ready = checkpoints.filter((name) => existsSync(join(CACHE, `${name}.cases.json`)));
if (ready.length === 0) {
  console.error('NOT CHECKED: no real checkpoint with a reference is in .cache/real-weights.');
  process.exit(3);
}
const playwright = join(ROOT, 'node_modules', '@playwright', 'test', 'cli.js');
process.exit(run(process.execPath, [playwright, 'test', '-c', join(FOLDER, 'playwright.config.ts'), ...process.argv.slice(2)]));
