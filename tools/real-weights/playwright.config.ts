import { defineConfig } from '@playwright/test';

/** The real-weights checks: started by run.mjs, after the files and the reference are there. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../test-results/real-weights-artifacts',
  workers: 1,
  fullyParallel: false,
  timeout: 3_600_000,
  reporter: [['list']],
});
