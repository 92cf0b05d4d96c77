import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseSync } from 'vite';
import { describe, expect, it } from 'vitest';

const DIST = join(import.meta.dirname, '..', '..', process.env.VANE_DIST ?? 'dist');
const LIMIT_BYTES = 250_000;

/** Scripts that the page needs before it can draw: those it names, and all that they import statically. */
function firstPaintScripts(): string[] {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  const named = [...html.matchAll(/<(?:script|link)\b[^>]*>/g)].flatMap(([tag]) => {
    const address = /\b(?:src|href)="([^"]+\.m?js)"/.exec(tag)?.[1];
    return address ? [resolve(DIST, address.replace(/^\//, './'))] : [];
  });
  const closure = new Set<string>();
  for (const queue = [...named]; queue.length > 0; ) {
    const file = queue.pop() as string;
    if (closure.has(file)) continue;
    closure.add(file);
    const { module } = parseSync(file, readFileSync(file, 'utf8'));
    const requests = [
      ...module.staticImports.map((one) => one.moduleRequest.value),
      ...module.staticExports.flatMap((one) => one.entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
    ];
    queue.push(...requests.map((request) => resolve(dirname(file), request)));
  }
  return [...closure];
}

describe.runIf(existsSync(join(DIST, 'index.html')))('the built page', () => {
  it(`draws with at most ${LIMIT_BYTES / 1000} kB of gzipped JavaScript`, () => {
    const scripts = firstPaintScripts();
    expect(scripts.length).toBeGreaterThan(0);
    const bytes = scripts.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
    console.log(`first paint: ${(bytes / 1000).toFixed(1)} kB of gzipped JavaScript in ${scripts.length} files`);
    expect(bytes).toBeLessThanOrEqual(LIMIT_BYTES);
  });

  it('names addresses of its own folder only, so that any static host will do', () => {
    const html = readFileSync(join(DIST, 'index.html'), 'utf8');
    const addresses = [...html.matchAll(/<(?:script|link)\b[^>]*\b(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
    expect(addresses.filter((address) => !address?.startsWith('./'))).toEqual([]);
  });
});
