import { LIMITS } from '../core/limits';
import type { Tensor } from '../core/tensor';
import type { KeptReads } from '../judges/readout';

const CACHE_NAME = 'vane-readout-reads';
const SHAPE_HEADER = 'x-vane-shape';

/** A key as an address, which is what a cache is looked up by; it is never fetched. */
const addressOf = (key: string) => new URL(`kept/${encodeURIComponent(key)}`, document.baseURI).href;

/**
 * Reads of labelled answers in the browser's cache storage. Where storage is denied, full, or missing (a page without https),
 * nothing is kept and the reads are made anew: a fit must never fail for it.
 */
export const keptReads: KeptReads = {
  async get(key) {
    try {
      const found = await (await caches.open(CACHE_NAME)).match(addressOf(key));
      if (!found) return null;
      const shape = (found.headers.get(SHAPE_HEADER) ?? '').split(',').map(Number);
      return checked({ data: new Float32Array(await found.arrayBuffer()), shape });
    } catch {
      return null;
    }
  },

  async put(key, { data, shape }) {
    if (data.byteLength > LIMITS.keptReadsBytes) return;
    try {
      const cache = await caches.open(CACHE_NAME);
      const known = await cache.keys();
      for (const request of known.slice(0, Math.max(0, known.length + 1 - LIMITS.keptReadsCount))) await cache.delete(request);
      await cache.put(addressOf(key), new Response(data as Float32Array<ArrayBuffer>, { headers: { [SHAPE_HEADER]: shape.join() } }));
    } catch {
      // Nothing is lost: the next visit reads again.
    }
  },
};

/** The tensor when its numbers are as many as its shape says, and all finite. */
function checked(tensor: Tensor): Tensor | null {
  const [rows = 0, features = 0] = tensor.shape;
  return tensor.shape.length === 2 && rows * features === tensor.data.length && tensor.data.every(Number.isFinite) ? tensor : null;
}
