import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { chromiumPath, FIXTURE_FOLDER, ROOT } from '../parity/support/fixtures';
import { StaticServer } from '../parity/support/static-server';
import { REAL_GEMMA, REAL_QWEN } from './bench-page';
import { QuietChromium } from './quiet-chromium';
import { report } from './ratio';

const SAMPLE_MS = 20;
const MEGABYTE = 1024 * 1024;
const DIST = join(ROOT, process.env.VANE_DIST ?? 'dist');

/** The page without the start-up model's files, which would load at the same time. */
function startHost(): Promise<StaticServer> {
  const mounts = {
    '/vane/index.html': DIST,
    '/vane/assets/': join(DIST, 'assets'),
    '/fixtures/': FIXTURE_FOLDER,
    '/real/': join(ROOT, '.cache', 'real-weights'),
  };
  return StaticServer.start({ mounts, isolated: true, ranges: true });
}

test('peak memory while loading, beyond the weights themselves', async () => {
  if (!existsSync('/proc/self/statm')) {
    console.log('memory: NOT MEASURED, this needs /proc.');
    return;
  }
  const host = await startHost();
  for (const [name, file, weights] of [
    ['Gemma 3 270M', REAL_GEMMA, 'f32'],
    ['Gemma 3 270M', REAL_GEMMA, 'q8'],
    ['Qwen2.5-Coder-0.5B', REAL_QWEN, 'f32'],
    ['Qwen2.5-Coder-0.5B', REAL_QWEN, 'q8'],
  ] as const) {
    if (!`${name} ${weights}`.includes(process.env.VANE_BENCH_MODELS ?? '')) continue;
    if (!existsSync(join(ROOT, '.cache', 'real-weights', file))) {
      console.log(`memory, ${name}: NOT MEASURED, ${file} is not in .cache/real-weights (npm run real-weights).`);
      continue;
    }
    const browser = new QuietChromium(chromiumPath());
    await browser.open(`${host.origin}/vane/index.html`, `'vane' in window`);
    // A tiny model first: the runtime's own code and memory are no part of loading.
    await browser.evaluate(
      `vane.load('${host.origin}/fixtures/qwen3-tied/', { backend: 'wasm', weights: 'f32' }).then((model) => model.forward([[1, 2, 3]], { logits: 'last' }).then(() => model.dispose()))`,
    );
    const before = await browser.rendererBytes();
    const samples: Array<{ ms: number; bytes: number }> = [];
    let sampling = true;
    const started = Date.now();
    const sampler = (async () => {
      while (sampling) {
        samples.push({ ms: Date.now() - started, bytes: (await browser.rendererBytes()) - before });
        await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
      }
    })();
    const weightBytes = (await browser.evaluate(
      `vane.load('${host.origin}/real/${file}', { backend: 'wasm', weights: '${weights}' }).then((model) => { globalThis.model = model; return model.info.weightBytes; })`,
    )) as number;
    const loadMs = Date.now() - started;
    await browser.evaluate(`model.forward([[1, 2, 3]], { logits: 'last' }).then(() => 1)`);
    sampling = false;
    await sampler;
    const peak = Math.max(...samples.map(({ bytes }) => bytes));
    const beyond = (peak - weightBytes) / MEGABYTE;
    if (process.env.VANE_BENCH_TIMELINE === '1') {
      for (const { ms, bytes } of samples.filter((_, i) => i % 5 === 0)) console.log(`${ms} ms ${(bytes / MEGABYTE).toFixed(0)} MB`);
    }
    report(`peak memory while loading beyond the weights, ${name}, ${weights}, wasm`, {
      'MB beyond': beyond.toFixed(0),
      'weights MB': (weightBytes / MEGABYTE).toFixed(0),
      'peak MB': (peak / MEGABYTE).toFixed(0),
      'load s': (loadMs / 1000).toFixed(1),
      bound: 300,
    });
    expect.soft(beyond, `${name}, ${weights}`).toBeLessThanOrEqual(300);
    await browser.close();
  }
  await host.stop();
});
