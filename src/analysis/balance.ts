import { createRng, shuffled } from '../core/rng';

/** What balancing left out of one group and why. */
export interface LeftOut {
  group: string;
  side: 'positive' | 'negative';
  count: number;
  reason: string;
}

export interface Balanced {
  /** Indices kept of each side, ascending. */
  positive: number[];
  negative: number[];
  leftOut: LeftOut[];
}

/**
 * Keeps equally many rows of both sides within each group (prompt, situation), so that what a prompt is about cancels out of a difference.
 * Which rows of the larger side stay is a seeded draw. A group with rows on one side only is left out whole.
 * @param positiveGroups the group of each positive row; likewise `negativeGroups`.
 */
export function balanceByGroup(positiveGroups: readonly string[], negativeGroups: readonly string[], seed = 0): Balanced {
  const positiveRows = indicesByGroup(positiveGroups);
  const negativeRows = indicesByGroup(negativeGroups);
  const kept: Balanced = { positive: [], negative: [], leftOut: [] };
  const groups = [...new Set([...positiveGroups, ...negativeGroups])];
  groups.forEach((group, stream) => {
    const sides = { positive: positiveRows.get(group) ?? [], negative: negativeRows.get(group) ?? [] };
    const count = Math.min(sides.positive.length, sides.negative.length);
    for (const side of ['positive', 'negative'] as const) {
      const rows = sides[side];
      const draw = rows.length === count ? rows : shuffled(rows, createRng(seed, stream)).slice(0, count);
      kept[side].push(...draw);
      if (rows.length > count) {
        const other = side === 'positive' ? 'negative' : 'positive';
        const reason = count === 0 ? `no ${other} row in this group` : `only ${count} ${other} row${count === 1 ? '' : 's'} in this group`;
        kept.leftOut.push({ group, side, count: rows.length - count, reason });
      }
    }
  });
  kept.positive.sort((a, b) => a - b);
  kept.negative.sort((a, b) => a - b);
  return kept;
}

function indicesByGroup(groups: readonly string[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  groups.forEach((group, index) => {
    const rows = found.get(group);
    if (rows) rows.push(index);
    else found.set(group, [index]);
  });
  return found;
}
