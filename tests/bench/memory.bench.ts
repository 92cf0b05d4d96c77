import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, expect, test } from '@playwright/test';
import { ROOT } from '../parity/support/fixtures';
import { BenchHost, REAL_GEMMA, REAL_QWEN } from './bench-page';
import { report } from './ratio';

const SAMPLE_MS = 25;
const MEGABYTE = 1024 * 1024;

/** Resident bytes of all of the browser's renderers, from /proc. */
async function rendererBytes(pids: readonly number[]): Promise<number> {
  let sum = 0;
  for (const pid of pids) {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    sum += pages * 4096;
  }
  return sum;
}

async function rendererPids(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

test('peak memory while loading, beyond the weights themselves', async () => {
  if (!existsSync('/proc/self/statm')) {
    console.log('memory: NOT MEASURED, this needs /proc.');
    return;
  }
  const cache = join(ROOT, '.cache', 'real-weights');
  for (const [name, file, weights] of [
    ['Gemma 3 270M', REAL_GEMMA, 'f32'],
    ['Gemma 3 270M', REAL_GEMMA, 'q8'],
    ['Qwen2.5-Coder-0.5B', REAL_QWEN, 'f32'],
    ['Qwen2.5-Coder-0.5B', REAL_QWEN, 'q8'],
  ] as const) {
    if (!name.includes(process.env.VANE_BENCH_MODELS ?? '')) continue;
    if (!existsSync(join(cache, file))) {
      console.log(`memory, ${name}: NOT MEASURED, ${file} is not in .cache/real-weights (npm run real-weights).`);
      continue;
    }
    const bench = await BenchHost.start();
    const vane = await bench.vane();
    // A tiny model first: the runtime's own code and memory are no part of loading.
    await vane.load('tiny', { source: `${bench.host.origin}/fixtures/qwen3-tied/`, backend: 'wasm', weights: 'f32' });
    await vane.forward('tiny', [[1, 2, 3]], { logits: 'last' });
    const pids = await rendererPids(bench.browser);
    const before = await rendererBytes(pids);
    let peak = before;
    const sampler = setInterval(() => void rendererBytes(pids).then((bytes) => (peak = Math.max(peak, bytes))), SAMPLE_MS);
    const info = await vane.load('m', { source: `${bench.host.origin}/real/${file}`, backend: 'wasm', weights });
    await vane.forward('m', [[1, 2, 3]], { logits: 'last' });
    clearInterval(sampler);
    const beyond = (peak - before - info.weightBytes) / MEGABYTE;
    report(`peak memory while loading beyond the weights, ${name}, ${weights}, wasm`, {
      'MB beyond': beyond.toFixed(0),
      'weights MB': (info.weightBytes / MEGABYTE).toFixed(0),
      'peak MB': ((peak - before) / MEGABYTE).toFixed(0),
      'load s': (info.loadMs / 1000).toFixed(1),
      bound: 300,
    });
    expect.soft(beyond, `${name}, ${weights}`).toBeLessThanOrEqual(300);
    await bench.stop();
  }
});
