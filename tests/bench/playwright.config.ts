import { defineConfig } from '@playwright/test';

/** `npm run bench`: figures of the built app in dist/, as ratios within one run. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.bench.ts',
  outputDir: '../../test-results/bench-artifacts',
  workers: 1,
  fullyParallel: false,
  timeout: 3_600_000,
  reporter: [['list']],
});
