import { afterEach, expect, test, vi } from 'vitest';
import { RowStore } from '../../src/engine/worker/row-store';

const LARGE = 1_000_000_000;

/** A private file system whose files are arrays and whose disk holds `capacity` bytes. */
function fakeDisk(capacity: number): { files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  const folder = {
    keys: async function* () {
      yield* [...files.keys()];
    },
    removeEntry: async (name: string) => void files.delete(name),
    getFileHandle: async (name: string) => {
      files.set(name, new Uint8Array(0));
      return {
        createSyncAccessHandle: async () => ({
          write: (bytes: Uint8Array, { at }: { at: number }) => {
            const before = files.get(name) as Uint8Array;
            const taken = Math.min(bytes.length, capacity - at);
            const after = new Uint8Array(at + taken);
            after.set(before);
            after.set(bytes.subarray(0, taken), at);
            files.set(name, after);
            return taken;
          },
          read: (target: Uint8Array, { at }: { at: number }) => {
            const piece = (files.get(name) ?? new Uint8Array(0)).subarray(at, at + target.length);
            target.set(piece);
            return piece.length;
          },
          close: () => undefined,
        }),
      };
    },
  };
  vi.stubGlobal('navigator', { storage: { getDirectory: async () => ({ getDirectoryHandle: async () => folder }) } });
  return { files };
}

afterEach(() => vi.unstubAllGlobals());

function readBack(store: RowStore, offset: number, length: number): number[] {
  const target = new Uint8Array(length);
  store.read(offset, target);
  return [...target];
}

async function written(store: RowStore): Promise<void> {
  expect(store.append(Uint8Array.of(1, 2, 3))).toBe(0);
  expect(store.append(Uint8Array.of(4, 5, 6, 7))).toBe(3);
  expect(readBack(store, 1, 4)).toEqual([2, 3, 4, 5]);
  expect(readBack(store, 6, 1)).toEqual([7]);
}

test('a small table stays in memory, and what is appended is a copy', async () => {
  const { files } = fakeDisk(LARGE);
  const store = await RowStore.open(100);
  await written(store);
  expect(files.size).toBe(0);
  const bytes = Uint8Array.of(9);
  const at = store.append(bytes);
  bytes[0] = 0;
  expect(readBack(store, at, 1)).toEqual([9]);
});

test('a large table goes to disk, removes what an earlier tab left, and is deleted in the end', async () => {
  const { files } = fakeDisk(LARGE);
  files.set('left by a killed tab', new Uint8Array(5));
  const store = await RowStore.open(LARGE);
  await written(store);
  expect([...files.keys()]).not.toContain('left by a killed tab');
  expect(files.size).toBe(1);
  await store.dispose();
  expect(files.size).toBe(0);
});

test('a file that vanished is an error that says the remedy, not zeros', async () => {
  const { files } = fakeDisk(LARGE);
  const store = await RowStore.open(LARGE);
  await written(store);
  files.clear();
  expect(() => readBack(store, 0, 3)).toThrow(/embedding on disk: expected 3 bytes at byte 0, got 0/);
});

test('a disk that fills up moves everything to memory and loses nothing', async () => {
  const { files } = fakeDisk(5);
  const store = await RowStore.open(LARGE);
  await written(store);
  await vi.waitFor(() => expect(files.size).toBe(0));
});

test('a browser without such storage keeps large tables in memory', async () => {
  vi.stubGlobal('navigator', { storage: { getDirectory: async () => Promise.reject(new DOMException('denied', 'SecurityError')) } });
  await written(await RowStore.open(LARGE));
});
