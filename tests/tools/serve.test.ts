import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../../tools/serve.mjs';

const parent = mkdtempSync(join(tmpdir(), 'vane-serve-'));
const root = join(parent, 'dist');
const servers: Server[] = [];
let isolated = '';
let plain = '';

beforeAll(async () => {
  mkdirSync(join(root, 'models'), { recursive: true });
  writeFileSync(join(parent, 'secret.txt'), 'secret');
  writeFileSync(join(root, 'index.html'), '<!doctype html>');
  writeFileSync(join(root, 'models', 'weights.bin'), '0123456789');
  writeFileSync(join(root, 'runtime.wasm'), '');
  for (const options of [{ root }, { root, base: '/tools/vane/', isolation: false }]) {
    const { url, server } = await serve(options);
    servers.push(server);
    if (options.base) plain = url;
    else isolated = url;
  }
});

afterAll(() => {
  for (const server of servers) server.close();
  rmSync(parent, { recursive: true });
});

/** The status of a path as it is written: fetch would tidy it up first. */
function rawStatus(base: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(base);
  return new Promise((done, fail) => {
    request({ hostname, port, path }, (response) => done(response.resume().statusCode))
      .on('error', fail)
      .end();
  });
}

describe('the static server', () => {
  it('isolates the page from other origins unless told otherwise', async () => {
    const page = await fetch(isolated);
    expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(page.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect((await fetch(plain)).headers.get('cross-origin-opener-policy')).toBeNull();
  });

  it('serves a sub-path, leads to its slash, and nothing beside it', async () => {
    expect(new URL(plain).pathname).toBe('/tools/vane/');
    expect((await fetch(plain.slice(0, -1))).url).toBe(plain);
    expect((await fetch(new URL('/', plain))).status).toBe(404);
  });

  it('names the type of what browsers are strict about', async () => {
    expect((await fetch(`${isolated}runtime.wasm`)).headers.get('content-type')).toBe('application/wasm');
  });

  it.each([
    ['bytes=2-4', 206, '234'],
    ['bytes=7-', 206, '789'],
    ['bytes=-2', 206, '89'],
    ['bytes=3-99', 206, '3456789'],
    ['bytes=99-', 416, ''],
    ['bytes=0-1,4-5', 200, '0123456789'],
  ])('answers %s with %i', async (range, status, body) => {
    const response = await fetch(`${isolated}models/weights.bin`, { headers: { range } });
    expect(response.status).toBe(status);
    expect(await response.text()).toBe(body);
  });

  it('gives out nothing outside its folder, and takes only GET and HEAD', async () => {
    for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/models/../../secret.txt', '/%00', '/%E0%A4']) {
      expect([path, await rawStatus(isolated, path)]).toEqual([path, 404]);
    }
    expect((await fetch(isolated, { method: 'POST' })).status).toBe(405);
    expect(await (await fetch(isolated, { method: 'HEAD' })).text()).toBe('');
  });
});
