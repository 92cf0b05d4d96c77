import { afterEach, describe, expect, it } from 'vitest';
import { SourceError } from '../../src/core/errors';
import { type ByteSource, required } from '../../src/formats/byte-source';
import { CHUNK_BYTES, ChunkPool } from '../../src/formats/chunk-pool';
import type { HttpOptions } from '../../src/formats/http-read';
import { HttpTree } from '../../src/formats/http-tree';
import { type Behaviour, type RangeServer, startRangeServer } from './range-server';

const QUICK = { retryDelayMs: 5 };
const file = Uint8Array.from({ length: 2 * CHUNK_BYTES + 12_345 }, (_, index) => (index * 31 + (index >> 11)) & 255);
let server: RangeServer;

afterEach(() => server.close());

async function open(behaviour: Behaviour, options: HttpOptions = QUICK): Promise<ByteSource> {
  server = await startRangeServer({ '/model.bin': file }, behaviour);
  return required(await new HttpTree('test', `${server.url}/`, options).open('model.bin'));
}

describe('a host with ranges', () => {
  it('gives the bytes asked for, across chunks, several requests at a time', async () => {
    const source = new ChunkPool().wrap(await open({}));
    expect(source.sizeBytes).toBe(file.length);
    const read = await source.read(1_000, 2 * CHUNK_BYTES);
    expect(Buffer.compare(read, file.subarray(1_000, 1_000 + 2 * CHUNK_BYTES))).toBe(0);
    expect(server.mostAtOnce).toBeGreaterThan(1);
    expect(server.mostAtOnce).toBeLessThanOrEqual(4);
  });

  it.each([{ cutAfter: 70_000, cuts: 9 }, { busyTimes: 2 }])(
    'is read on after cut connections and busy answers (%o)',
    async (behaviour) => {
      const source = await open(behaviour);
      expect(Buffer.compare(await source.read(5, 400_000), file.subarray(5, 400_005))).toBe(0);
    },
  );

  it('that always cuts, or never sends, ends in one error that names the address', async () => {
    await expect(open({ cutAfter: 0 })).rejects.toThrow(/model\.bin: expected an answer, got a cut connection/);
    await server.close();
    await expect(open({ stalls: true }, { ...QUICK, stallMs: 100 })).rejects.toThrow(SourceError);
  });

  it('that begins ranges elsewhere is refused', async () => {
    await expect(open({ shifted: true })).rejects.toThrow(/expected bytes from 0, got bytes from 1\..*another/);
  });

  it('that hides Content-Range is asked for the length', async () => {
    const source = await open({ hidesTotal: true });
    expect(source.sizeBytes).toBe(file.length);
    expect(Buffer.compare(await source.read(CHUNK_BYTES, 100), file.subarray(CHUNK_BYTES, CHUNK_BYTES + 100))).toBe(0);
  });

  it('stops at once when the load is aborted', async () => {
    server = await startRangeServer({ '/model.bin': file }, { stalls: true });
    const controller = new AbortController();
    const opening = new HttpTree('test', `${server.url}/`, { signal: controller.signal }).open('model.bin');
    setTimeout(() => controller.abort(), 30);
    await expect(opening).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });
});

describe('a host without ranges', () => {
  it('has the file streamed once and read from there', async () => {
    const source = await open({ withoutRanges: true });
    expect(Buffer.compare(await source.read(CHUNK_BYTES - 7, 1_000), file.subarray(CHUNK_BYTES - 7, CHUNK_BYTES + 993))).toBe(0);
    expect(server.requests.length).toBe(1);
  });

  it('is read again from the start after a cut connection', async () => {
    const source = await open({ withoutRanges: true, cutAfter: 100_000, cuts: 2 });
    expect(source.sizeBytes).toBe(file.length);
  });
});

it('a host without ranges that fails at the second try is not taken for the file', async () => {
  server = await startRangeServer({ '/model.bin': file });
  let asked = 0;
  const answers = async () => {
    asked += 1;
    const headers = { 'content-length': '100' };
    return asked === 1 ? new Response(new Uint8Array(50), { headers }) : new Response('gone', { status: 410 });
  };
  const opening = new HttpTree('test', 'https://host.example/', { ...QUICK, fetch: answers }).open('model.bin');
  await expect(opening).rejects.toThrow('https://host.example/model.bin: expected an answer');
});

describe('a host that refuses', () => {
  it.each([
    [401, /status 401.*login/],
    [403, /status 403.*login/],
    [404, /status 404.*spelling/],
    [418, /status 418.*download it/],
  ])('with %i says what to do', async (status, message) => {
    await expect(open({ status })).rejects.toThrow(message);
  });

  it('with a page instead of the file says so', async () => {
    server = await startRangeServer({}, { pageForMissing: true });
    const tree = new HttpTree('test', `${server.url}/`, QUICK);
    expect(await tree.open('model.bin')).toMatchObject({ found: null, reason: expect.stringContaining('got an HTML page') });
    expect(await tree.readSmall('config.json', 100)).toMatchObject({ found: null });
  });

  it('to end a small file is cut off at the limit', async () => {
    server = await startRangeServer({ '/config.json': new Uint8Array(5_000) });
    await expect(new HttpTree('test', `${server.url}/`, QUICK).readSmall('config.json', 4_999)).rejects.toThrow(
      /at most 4999 bytes, got 5000/,
    );
  });
});

describe('digest', () => {
  it('is the same whatever was read before, and reads each chunk once', async () => {
    const fresh = new ChunkPool().wrap(await open({}));
    const digest = await fresh.digest();
    const pool = new ChunkPool();
    let firstReads = 0;
    const read = pool.wrap(required(await new HttpTree('test', `${server.url}/`, QUICK).open('model.bin')), (sizeBytes) => {
      firstReads += sizeBytes;
    });
    await read.read(CHUNK_BYTES, 10);
    await read.read(0, 10);
    expect(await read.digest()).toEqual(digest);
    expect(firstReads).toBe(file.length);
  });
});
