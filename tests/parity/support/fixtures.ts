import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, test as base, chromium } from '@playwright/test';
import type { Backend } from '../../../src/engine/api';
import type { GreedyReference } from './compare';
import type { DroppedFile } from './in-page';
import { StaticServer } from './static-server';
import { VanePage } from './vane-page';

export const ROOT = join(import.meta.dirname, '..', '..', '..');
export const FIXTURE_FOLDER = join(ROOT, 'tests', 'fixtures', 'parity');
/** The build under test. */
const DIST = join(ROOT, process.env.VANE_DIST ?? 'dist');
const DEBIAN_CHROMIUM = '/usr/bin/chromium';
/** The page under test stands in a sub-path, as on any static host. */
const APP_PATH = '/lab/vane/';

export interface EditCase {
  name: string;
  interventions: Array<{
    direction: string;
    operation: 'steer' | 'ablate' | 'clamp';
    hookPoints: string[];
    coefficient?: number;
    unit?: 'direction' | 'tokenNorm';
    tokens?: 'all' | 'prompt' | 'response' | number[];
    skipSpecialTokens?: boolean;
  }>;
  reads: string[];
  greedy?: GreedyReference[];
}

export interface FixtureCases {
  traits: string;
  rows: number[][];
  promptLengths: number[];
  specialIds: number[];
  greedy: GreedyReference[];
  edits?: EditCase[];
  adapters?: Array<{ scales: Record<string, number>; reads: string[]; greedy?: GreedyReference[] }>;
}

export const FIXTURES = readdirSync(FIXTURE_FOLDER)
  .filter((name) => existsSync(join(FIXTURE_FOLDER, name, 'cases.json')))
  .sort();

export function readCases(fixture: string): FixtureCases {
  return JSON.parse(readFileSync(join(FIXTURE_FOLDER, fixture, 'cases.json'), 'utf8')) as FixtureCases;
}

const CHECKPOINT_FILES = [
  'config.json',
  'generation_config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'model.gguf',
];

/** The checkpoint's own files as a dropped folder; `renamed` gives a file another content, such as the transformers-4 config. */
export function droppedFolder(fixture: string, origin: string, renamed: Record<string, string> = {}): DroppedFile[] {
  return CHECKPOINT_FILES.filter((name) => existsSync(join(FIXTURE_FOLDER, fixture, name))).map((name) => ({
    name,
    url: `${origin}/fixtures/${fixture}/${renamed[name] ?? name}`,
  }));
}

/** Measured figures of one run, by test and name, kept for the report. */
export class Figures {
  private readonly values: Record<string, number> = {};

  /** Keeps the largest value seen under `name`, and returns `value`. */
  largest(name: string, value: number): number {
    this.values[name] = Math.max(this.values[name] ?? Number.NEGATIVE_INFINITY, value);
    return value;
  }

  write(file: string): void {
    const folder = join(ROOT, 'test-results', 'parity');
    mkdirSync(folder, { recursive: true });
    const earlier = existsSync(join(folder, file)) ? (JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, number>) : {};
    writeFileSync(join(folder, file), `${JSON.stringify({ ...earlier, ...this.values }, null, 1)}\n`);
  }
}

/** The browser to run: the one named, Debian's, or Playwright's own. */
export function chromiumPath(): string {
  return process.env.VANE_CHROMIUM || (existsSync(DEBIAN_CHROMIUM) ? DEBIAN_CHROMIUM : chromium.executablePath());
}

/** Chromium with WebGPU on the software adapter. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--enable-features=Vulkan',
      '--no-sandbox',
      '--enable-precise-memory-info',
    ],
  });
}

/** The built app under a sub-path and the fixtures beside it. */
export function startHost(options: { isolated?: boolean; ranges?: boolean } = {}): Promise<StaticServer> {
  if (!existsSync(join(DIST, 'index.html'))) throw new Error(`${DIST}: expected the built app, got none. Run \`npm run build\` first.`);
  const mounts = { [APP_PATH]: DIST, '/fixtures/': FIXTURE_FOLDER, '/real/': join(ROOT, '.cache', 'real-weights') };
  return StaticServer.start({ mounts, isolated: options.isolated ?? true, ranges: options.ranges ?? true });
}

export function appUrl(host: StaticServer): string {
  return `${host.origin}${APP_PATH}`;
}

export interface WorkerOptions {
  backend: Backend;
}

interface WorkerFixtures extends WorkerOptions {
  host: StaticServer;
  chromiumBrowser: Browser;
  vane: VanePage;
  figures: Figures;
}

/** Worker-wide: one browser, one page, one engine for all tests of a backend. */
export const test = base.extend<Record<never, never>, WorkerFixtures>({
  backend: ['wasm', { option: true, scope: 'worker' }],
  host: [
    async ({ backend: _any }, use) => {
      const host = await startHost();
      await use(host);
      await host.stop();
    },
    { scope: 'worker' },
  ],
  chromiumBrowser: [
    async ({ backend: _any }, use) => {
      const browser = await launchChromium();
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
  vane: [
    async ({ chromiumBrowser, host }, use) => {
      const context = await chromiumBrowser.newContext();
      const vane = new VanePage(await context.newPage());
      await vane.open(appUrl(host));
      await use(vane);
      await context.close();
    },
    { scope: 'worker' },
  ],
  figures: [
    async ({ backend }, use) => {
      const figures = new Figures();
      await use(figures);
      figures.write(`${backend}.json`);
    },
    { scope: 'worker' },
  ],
});

export { expect } from '@playwright/test';
