import type { MergeOrder } from './bpe-model';

/** Merges by a list of pairs, in an open-addressed table of ids: a large vocabulary's merges take 12 bytes a slot. */
export class ListedMerges implements MergeOrder {
  private readonly mask: number;
  private readonly lefts: Int32Array;
  private readonly rights: Int32Array;
  private readonly ranks: Int32Array;
  private readonly mergedIds: Int32Array;

  /** Room for `capacity` pairs. */
  constructor(capacity: number) {
    let size = 16;
    while (size < capacity * 1.6) size *= 2;
    this.mask = size - 1;
    this.lefts = new Int32Array(size).fill(-1);
    this.rights = new Int32Array(size);
    this.ranks = new Int32Array(size);
    this.mergedIds = new Int32Array(size);
  }

  /** Adds a pair; of a pair listed twice the later rank holds, as in the Hugging Face library. */
  add(leftId: number, rightId: number, mergedId: number, rank: number): void {
    const slot = this.slot(leftId, rightId);
    this.lefts[slot] = leftId;
    this.rights[slot] = rightId;
    this.ranks[slot] = rank;
    this.mergedIds[slot] = mergedId;
  }

  rank(leftId: number, rightId: number): number | undefined {
    const slot = this.slot(leftId, rightId);
    return this.lefts[slot] === -1 ? undefined : this.ranks[slot];
  }

  merged(leftId: number, rightId: number): number | undefined {
    const slot = this.slot(leftId, rightId);
    return this.lefts[slot] === -1 ? undefined : this.mergedIds[slot];
  }

  private slot(leftId: number, rightId: number): number {
    let slot = (Math.imul(leftId, 0x9e3779b1) ^ Math.imul(rightId + 1, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & this.mask;
    while (this.lefts[slot] !== -1 && (this.lefts[slot] !== leftId || this.rights[slot] !== rightId)) slot = (slot + 1) & this.mask;
    return slot;
  }
}

const LENGTH_STEPS = 4_096;

/**
 * Merges of a SentencePiece vocabulary, which lists none: a pair merges where the two together are a token, the best token first.
 * Of two ways to the same token the one with the longer left part comes first.
 */
export class VocabularyMerges implements MergeOrder {
  /** `priority[id]` is a token's place in the order, 0 first. */
  constructor(
    private readonly idOf: ReadonlyMap<string, number>,
    private readonly priority: ArrayLike<number>,
  ) {}

  rank(_leftId: number, _rightId: number, left: string, right: string): number | undefined {
    const id = this.idOf.get(left + right);
    if (id === undefined) return undefined;
    return (this.priority[id] as number) * LENGTH_STEPS + (LENGTH_STEPS - 1 - Math.min(LENGTH_STEPS - 1, left.length));
  }

  merged(_leftId: number, _rightId: number, left: string, right: string): number | undefined {
    return this.idOf.get(left + right);
  }
}
