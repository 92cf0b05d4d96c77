import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from '@playwright/test';
import type { Backend } from '../../src/engine/api';
import { appUrl, FIXTURE_FOLDER, launchChromium, ROOT } from '../parity/support/fixtures';
import { StaticServer } from '../parity/support/static-server';
import { VanePage } from '../parity/support/vane-page';

const CACHE = join(ROOT, '.cache', 'real-weights');
export const PEER_MODULES = join(ROOT, 'tests', 'bench', 'node_modules');
export const REAL_QWEN = 'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf';
export const REAL_GEMMA = 'gemma-3-270m-q4_k_m.gguf';

/** A model that the bench runs, if its files are here. */
export interface BenchModel {
  name: string;
  source: string;
  backends: Backend[];
  tokens: number;
  /** The least that decode with an edit and projections may keep of plain decode. */
  bound: number;
}

export class BenchHost {
  private constructor(
    readonly host: StaticServer,
    readonly browser: Browser,
  ) {}

  static async start(): Promise<BenchHost> {
    const mounts = {
      '/lab/vane/': join(ROOT, process.env.VANE_DIST ?? 'dist'),
      '/organism/': join(ROOT, 'public', 'models', 'organism'),
      '/real/': CACHE,
      '/fixtures/': FIXTURE_FOLDER,
      '/ort/': join(ROOT, 'node_modules', 'onnxruntime-web', 'dist'),
      '/peers/': PEER_MODULES,
      '/blank/': join(ROOT, 'tests', 'bench', 'blank'),
    };
    const host = await StaticServer.start({ mounts, isolated: true, ranges: true });
    return new BenchHost(host, await launchChromium());
  }

  /** A fresh page of the built app. */
  async vane(): Promise<VanePage> {
    const vane = new VanePage(await (await this.browser.newContext()).newPage());
    await vane.open(appUrl(this.host));
    return vane;
  }

  models(): BenchModel[] {
    const models: BenchModel[] = [];
    if (existsSync(join(ROOT, 'public', 'models', 'organism', 'base', 'config.json'))) {
      models.push({
        name: 'embedded organism',
        source: `${this.host.origin}/organism/base/`,
        backends: ['wasm', 'webgpu'],
        tokens: 96,
        bound: 0.75,
      });
    }
    // The software GPU needs ten seconds a token and more at this size; VANE_BENCH_GPU=1 is for machines with a real one, or an hour.
    const backends: Backend[] = process.env.VANE_BENCH_GPU === '1' ? ['wasm', 'webgpu'] : ['wasm'];
    for (const [name, file] of [
      ['Gemma 3 270M', REAL_GEMMA],
      ['Qwen2.5-Coder-0.5B', REAL_QWEN],
    ] as const) {
      if (existsSync(join(CACHE, file)))
        models.push({ name, source: `${this.host.origin}/real/${file}`, backends, tokens: 32, bound: 0.95 });
      else console.log(`${name}: NOT MEASURED, ${file} is not in .cache/real-weights (npm run real-weights).`);
    }
    // VANE_BENCH_MODELS narrows a run to the models whose name holds that text.
    return models.filter(({ name }) => name.includes(process.env.VANE_BENCH_MODELS ?? ''));
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.host.stop();
  }
}

/** A direction for edits and probes: fixed pseudo-random numbers of length about 1. */
export function someDirection(dModel: number): number[] {
  return Array.from({ length: dModel }, (_, i) => Math.sin(1 + 12.9898 * i * i) / Math.sqrt(dModel / 2));
}
