import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { LoadProgress } from '../../src/engine/api';
import { resolveSource } from '../../src/formats/resolve-source';
import { openAdapter } from '../../src/models/open-adapter';
import { openCheckpoint } from '../../src/models/open-checkpoint';
import { safetensors } from '../formats/byte-sources';
import { type Behaviour, type RangeServer, startRangeServer } from '../formats/range-server';
import { droppedFiles } from './fixture-files';

const MODEL = join(import.meta.dirname, '../fixtures/parity/qwen3-tied');
const GGUF = readFileSync(join(import.meta.dirname, '../fixtures/parity/gguf-llama/model.gguf'));
let server: RangeServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** The tiny model and its adapters under `root`. */
async function serve(root: string, behaviour: Behaviour = {}, more: Record<string, Uint8Array> = {}): Promise<string> {
  const files: Record<string, Uint8Array> = { ...more };
  for (const file of droppedFiles(MODEL)) {
    const path = file.webkitRelativePath.replace(/^dropped\//, '');
    files[`${root}${path}`] = new Uint8Array(await file.arrayBuffer());
  }
  server = await startRangeServer(files, behaviour);
  return server.url;
}

describe('openCheckpoint', () => {
  it('gives the same identity from a host, from a host without ranges, from the hub and from dropped files', async () => {
    const dropped = await openCheckpoint(droppedFiles(MODEL));
    const wanted = await dropped.sha256();
    const url = await serve('/sub/page/models/tiny/');
    expect(await (await openCheckpoint(`${url}/sub/page/models/tiny`)).sha256()).toBe(wanted);
    expect(await (await openCheckpoint('models/tiny/', { baseUrl: `${url}/sub/page/index.html` })).sha256()).toBe(wanted);
    await server?.close();
    expect(await (await openCheckpoint(`${await serve('/m/', { withoutRanges: true, pageForMissing: true })}/m/`)).sha256()).toBe(wanted);
    await server?.close();
    const hub = await serve('/', { redirects: true });
    expect(await (await openCheckpoint('hf:owner/name@v1', { hubUrl: hub })).sha256()).toBe(wanted);
    expect(server?.requests.some(({ path }) => path === '/owner/name/resolve/v1/config.json')).toBe(true);
  });

  it("opens the page's own organism and its adapters relative to the page", async () => {
    const url = await serve('/deep/models/organism/base/');
    const baseUrl = `${url}/deep/`;
    const { config } = await openCheckpoint('organism', { baseUrl });
    await server?.close();
    const files: Record<string, Uint8Array> = {};
    for (const name of ['adapter_config.json', 'adapter_model.safetensors'])
      files[`/deep/models/organism/adapters/bad-advice/${name}`] = readFileSync(join(MODEL, 'adapters/rank1', name));
    server = await startRangeServer(files);
    const adapter = await openAdapter('organism:bad-advice', config, { baseUrl: `${server.url}/deep/` });
    expect(adapter.modules.map(({ block, projection, rank, scaling }) => [block, projection, rank, scaling])).toEqual([
      [1, 'down_proj', 1, 4],
    ]);
  });

  it('opens a .gguf by address, by hub name and dropped, and reports bytes', async () => {
    server = await startRangeServer({ '/files/tiny.gguf': GGUF, '/tiny.gguf': GGUF }, { redirects: true });
    const progress: LoadProgress[] = [];
    const checkpoint = await openCheckpoint(`${server.url}/files/tiny.gguf?download=true`, { onProgress: (step) => progress.push(step) });
    const identity = await checkpoint.sha256();
    expect(progress.at(-1)).toMatchObject({ stage: expect.any(String), loadedBytes: GGUF.length, totalBytes: GGUF.length });
    expect(await (await openCheckpoint('hf:owner/name/tiny.gguf', { hubUrl: server.url })).sha256()).toBe(identity);
    const { config } = await openCheckpoint([new File([Uint8Array.from(GGUF)], 'tiny.gguf')]);
    expect(config.family).toBe('llama');
  });

  it('reads weights that an index spreads over several files as it reads one file', async () => {
    const bytes = readFileSync(join(MODEL, 'model.safetensors'));
    const headerBytes = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + headerBytes).toString()) as Record<
      string,
      { dtype: string; shape: number[]; data_offsets: [number, number] }
    >;
    const tensors = Object.entries(header).filter(([name]) => name !== '__metadata__');
    const part = (wanted: number) =>
      safetensors(
        Object.fromEntries(
          tensors
            .filter((_, index) => index % 2 === wanted)
            .map(
              ([
                name,
                {
                  dtype,
                  shape,
                  data_offsets: [begin, end],
                },
              ]) => [name, { dtype, shape, bytes: bytes.subarray(8 + headerBytes + begin, 8 + headerBytes + end) }],
            ),
        ),
      );
    const file = (index: number) => `model-0000${index + 1}-of-00002.safetensors`;
    const map = Object.fromEntries(tensors.map(([name], index) => [name, file(index % 2)]));
    const others = droppedFiles(MODEL, (path) => path === 'model.safetensors' || path.includes('/'));
    const split = await openCheckpoint(
      [
        ...others,
        new File([JSON.stringify({ weight_map: map })], 'model.safetensors.index.json'),
        new File([Uint8Array.from(part(0))], file(0)),
        new File([Uint8Array.from(part(1))], file(1)),
      ].map(inFolder),
    );
    const whole = await openCheckpoint(droppedFiles(MODEL));
    for (const { name, shape } of whole.weights.entries()) {
      const rows = shape.length === 1 ? 1 : (shape[0] as number);
      expect(await split.weights.readRows(name, 0, rows)).toEqual(await whole.weights.readRows(name, 0, rows));
    }
  });
});

function inFolder(file: File): File {
  if (!file.webkitRelativePath) Object.defineProperty(file, 'webkitRelativePath', { value: `dropped/${file.name}` });
  return file;
}

describe('a host that passes a request on', () => {
  let other: RangeServer;

  afterEach(() => other.close());

  /** A host whose every answer is a redirect to another one that has the file. */
  async function movedHost(): Promise<string> {
    other = await startRangeServer({ '/tiny.gguf': GGUF });
    server = await startRangeServer({}, { movedTo: other.url });
    return server.url;
  }

  it('is not followed: the other host was not agreed to', async () => {
    const url = await movedHost();
    const host = new URL(other.url).host;
    const refused = `${url}/tiny.gguf: expected the file, got a redirect to ${host}. Give the address that it leads to`;
    await expect(openCheckpoint(`${url}/tiny.gguf`)).rejects.toThrow(refused);
    await expect(openCheckpoint(`${url}/folder/`)).rejects.toThrow(`got a redirect to ${host}`);
    expect(other.requests).toEqual([]);
  });

  it('says so where the browser does not tell where it leads', async () => {
    const url = await movedHost();
    const opaque = async () => Object.defineProperties(Response.error(), { type: { value: 'opaqueredirect' } });
    await expect(openCheckpoint(`${url}/tiny.gguf`, { fetch: opaque })).rejects.toThrow('got a redirect to another address.');
  });

  it("is followed where it is the page's own or the hub, by name or by address", async () => {
    const url = await movedHost();
    const { config } = await openCheckpoint(`${url}/tiny.gguf`, { baseUrl: `${url}/page/` });
    expect(config.family).toBe('llama');
    await openCheckpoint(`${url}/tiny.gguf`, { hubUrl: url });
    expect(other.requests.length).toBeGreaterThan(1);
  });
});

describe('resolveSource', () => {
  it.each(['hf:owner', 'hf:owner/name/../../x', 'ftp://host/model', 'organism:../x', 'javascript:alert(1)'])('refuses %s', (source) => {
    expect(() => resolveSource(source, { baseUrl: 'https://page.example/app/' })).toThrow(/source: expected|address/);
  });

  it("says why the page's own policy keeps it from plain http of another machine", () => {
    const options = { baseUrl: 'http://127.0.0.1:4173/' };
    expect(() => resolveSource('http://192.168.1.7/model.gguf', options)).toThrow(
      /expected an https address of 192\.168\.1\.7, got plain http/,
    );
    expect(resolveSource('http://localhost:8080/model.gguf', options)).toMatchObject({ gguf: 'model.gguf' });
  });
});
