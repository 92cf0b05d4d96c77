/** A block range such as `4-8, 11` as text, from block indices in any order. */
export function formatBlocks(blocks: readonly number[]): string {
  const sorted = [...new Set(blocks)].sort((a, b) => a - b);
  const runs: Array<[first: number, last: number]> = [];
  for (const block of sorted) {
    const run = runs.at(-1);
    if (run && block === run[1] + 1) run[1] = block;
    else runs.push([block, block]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

/**
 * The blocks after a bracket's ends were moved to `first` and `last`: gaps inside stay gaps, what the bracket newly covers joins,
 * what it left falls out. Never empty: the two ends always belong to it.
 */
export function moveRange(blocks: readonly number[], first: number, last: number): number[] {
  const [oldFirst, oldLast] = [Math.min(...blocks), Math.max(...blocks)];
  const kept = blocks.filter((block) => block >= first && block <= last);
  const joined: number[] = [first, last];
  for (let block = first; block <= last; block++) if (block < oldFirst || block > oldLast) joined.push(block);
  return [...new Set([...kept, ...joined])].sort((a, b) => a - b);
}
