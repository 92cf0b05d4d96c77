import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Its own entry: nothing of the gallery is in the product's bundle. */
export default defineConfig({
  root: folder('.'),
  base: './',
  publicDir: false,
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    outDir: folder('../../build/gallery'),
    emptyOutDir: true,
    target: 'es2023',
    rollupOptions: { input: [folder('index.html'), folder('screen.html')] },
  },
});
