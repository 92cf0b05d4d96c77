import { defineConfig } from '@playwright/test';
import type { Backend } from './src/engine/api';
import { findChromium } from './tools/chromium.mjs';

/**
 * The first of three neighbouring ports: the app as it should be served, the app on a plain host in a sub-path, the gallery.
 * Drawn by chance, so that two runs side by side do not meet; workers inherit the choice through the environment.
 */
process.env.VANE_TEST_PORT ??= String(41_730 + 3 * Math.floor(Math.random() * 2_000));
const port = Number(process.env.VANE_TEST_PORT);
process.env.VANE_URL ??= `http://127.0.0.1:${port}/`;
process.env.VANE_PLAIN_URL ??= `http://127.0.0.1:${port + 1}/tools/vane/`;
process.env.VANE_GALLERY_URL ??= `http://127.0.0.1:${port + 2}/`;

const chromium = await findChromium();
if (chromium) process.env.VANE_CHROMIUM ??= chromium;

const executablePath = chromium ? { executablePath: chromium } : {};
// WebGPU on the software adapter, so that the tests need no graphics card.
const withWebGpu = {
  launchOptions: {
    ...executablePath,
    args: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan', '--no-sandbox'],
  },
};
const plain = { launchOptions: { ...executablePath, args: ['--no-sandbox'] } };

export default defineConfig<Record<never, never>, { backend: Backend }>({
  testDir: 'tests',
  outputDir: 'test-results/artifacts',
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 120_000,
  reporter: [['list']],
  use: { baseURL: process.env.VANE_URL, ...withWebGpu },
  projects: [
    { name: 'gallery', testMatch: 'gallery/*.spec.ts', fullyParallel: true, use: plain },
    { name: 'parity-wasm', testMatch: ['parity/*.spec.ts', 'hostile/engine*.spec.ts'], grepInvert: /@webgpu/, use: { backend: 'wasm' } },
    { name: 'parity-webgpu', testMatch: ['parity/*.spec.ts', 'hostile/engine*.spec.ts'], use: { backend: 'webgpu' } },
    { name: 'e2e-wasm', testMatch: 'e2e/*.spec.ts', testIgnore: 'e2e/access.spec.ts', grepInvert: /@webgpu/, use: { backend: 'wasm' } },
    // Apart, because it measures time.
    { name: 'access-wasm', testMatch: 'e2e/access.spec.ts', grepInvert: /@webgpu/, use: { backend: 'wasm' } },
    { name: 'e2e-webgpu', testMatch: 'e2e/*.spec.ts', grepInvert: /@wasm/, use: { backend: 'webgpu' } },
  ],
  webServer: [
    { command: `node tools/serve.mjs --port ${port}`, port },
    { command: `node tools/serve.mjs --port ${port + 1} --base /tools/vane/ --no-isolation`, port: port + 1 },
    {
      command: `node node_modules/vite/bin/vite.js build -c tests/gallery/vite.config.ts --logLevel warn && node tools/serve.mjs --root build/gallery --port ${port + 2}`,
      port: port + 2,
    },
  ],
});
