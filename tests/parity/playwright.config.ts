import { defineConfig } from '@playwright/test';
import type { WorkerOptions } from './support/fixtures';

/** Runs against the built app in dist/; see tests/parity/README.md. */
export default defineConfig<Record<never, never>, WorkerOptions>({
  testDir: '..',
  testMatch: ['parity/*.spec.ts', 'hostile/engine*.spec.ts'],
  outputDir: '../../test-results/parity-artifacts',
  workers: 1,
  fullyParallel: false,
  timeout: 240_000,
  reporter: [['list']],
  projects: [
    { name: 'wasm', use: { backend: 'wasm' }, grepInvert: /@webgpu/ },
    { name: 'webgpu', use: { backend: 'webgpu' } },
  ],
});
