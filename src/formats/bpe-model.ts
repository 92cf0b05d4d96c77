/** Order in which a pair of adjacent tokens is merged, lower first; undefined where it is not. */
export interface MergeOrder {
  rank(leftId: number, rightId: number, left: string, right: string): number | undefined;
  /** The token that the pair becomes. */
  merged(leftId: number, rightId: number, left: string, right: string): number | undefined;
}

export interface BpeOptions {
  /** Token texts by id; holes are undefined. */
  tokens: ReadonlyArray<string | undefined>;
  idOf: ReadonlyMap<string, number>;
  order: MergeOrder;
  /** Characters without a token become `<0xNN>` tokens of their bytes. */
  byteFallback: boolean;
  unknownToken: string | null;
  fuseUnknown: boolean;
  /** A piece that is a token itself is not merged from parts. */
  ignoreMerges: boolean;
}

const CACHED_PIECES = 20_000;
const CACHED_LENGTH = 48;

/** Byte-pair encoding over token ids: the adjacent pair of lowest rank is merged first, the leftmost of equals. @source Sennrich et al. 2016 */
export class BpeModel {
  private readonly cache = new Map<string, readonly number[]>();
  private readonly unknownId: number | undefined;

  constructor(private readonly options: BpeOptions) {
    this.unknownId = options.unknownToken === null ? undefined : options.idOf.get(options.unknownToken);
  }

  /** Ids of one pre-tokenized piece. */
  encode(piece: string): readonly number[] {
    const known = this.cache.get(piece);
    if (known) return known;
    const whole = this.options.ignoreMerges ? this.options.idOf.get(piece) : undefined;
    const ids = whole !== undefined ? [whole] : this.merge(this.characters(piece));
    if (piece.length <= CACHED_LENGTH) {
      if (this.cache.size >= CACHED_PIECES) this.cache.clear();
      this.cache.set(piece, ids);
    }
    return ids;
  }

  /** The piece's characters as tokens, before any merge. */
  private characters(piece: string): number[] {
    const { idOf, byteFallback, fuseUnknown } = this.options;
    const ids: number[] = [];
    for (const character of piece) {
      const id = idOf.get(character);
      if (id !== undefined) {
        ids.push(id);
        continue;
      }
      const bytes = byteFallback ? byteTokens(character, idOf) : null;
      if (bytes) ids.push(...bytes);
      else if (this.unknownId !== undefined && !(fuseUnknown && ids.at(-1) === this.unknownId)) ids.push(this.unknownId);
    }
    return ids;
  }

  private merge(ids: number[]): number[] {
    const { tokens, order } = this.options;
    const count = ids.length;
    if (count < 2) return ids;
    const next = Int32Array.from({ length: count }, (_, i) => i + 1);
    const previous = Int32Array.from({ length: count }, (_, i) => i - 1);
    const version = new Int32Array(count);
    const queue = new PairQueue();
    const text = (position: number) => tokens[ids[position] as number] ?? '';
    const offer = (position: number) => {
      const right = next[position] as number;
      if (right >= count) return;
      const rank = order.rank(ids[position] as number, ids[right] as number, text(position), text(right));
      if (rank !== undefined)
        queue.push({ rank, position, leftVersion: version[position] as number, rightVersion: version[right] as number });
    };
    for (let i = 0; i + 1 < count; i++) offer(i);
    for (let pair = queue.pop(); pair; pair = queue.pop()) {
      const { position } = pair;
      const right = next[position] as number;
      if (right >= count || version[position] !== pair.leftVersion || version[right] !== pair.rightVersion) continue;
      const merged = order.merged(ids[position] as number, ids[right] as number, text(position), text(right));
      if (merged === undefined) continue;
      ids[position] = merged;
      version[position] = (version[position] as number) + 1;
      version[right] = -1;
      const after = next[right] as number;
      next[position] = after;
      if (after < count) previous[after] = position;
      const before = previous[position] as number;
      if (before >= 0) offer(before);
      offer(position);
    }
    const out: number[] = [];
    for (let i = 0; i < count; i = next[i] as number) out.push(ids[i] as number);
    return out;
  }
}

function byteTokens(character: string, idOf: ReadonlyMap<string, number>): number[] | null {
  const ids: number[] = [];
  for (const byte of new TextEncoder().encode(character)) {
    const id = idOf.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
    if (id === undefined) return null;
    ids.push(id);
  }
  return ids;
}

interface QueuedPair {
  rank: number;
  position: number;
  leftVersion: number;
  rightVersion: number;
}

/** A binary heap of pairs by rank, then position. */
class PairQueue {
  private readonly heap: QueuedPair[] = [];

  push(pair: QueuedPair): void {
    const { heap } = this;
    let child = heap.push(pair) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!isBefore(pair, heap[parent] as QueuedPair)) break;
      heap[child] = heap[parent] as QueuedPair;
      child = parent;
    }
    heap[child] = pair;
  }

  pop(): QueuedPair | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (!top || !last || heap.length === 0) return top;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as QueuedPair, heap[child] as QueuedPair)) child++;
      if (!isBefore(heap[child] as QueuedPair, last)) break;
      heap[parent] = heap[child] as QueuedPair;
      parent = child;
    }
    heap[parent] = last;
    return top;
  }
}

function isBefore(a: QueuedPair, b: QueuedPair): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.position < b.position);
}
