import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The screen alone, fed with sample states; nothing of this page is in the product's bundle. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  cacheDir: fileURLToPath(new URL('../../../node_modules/.vite-screen', import.meta.url)),
  base: './',
  publicDir: false,
  plugins: [react()],
});
