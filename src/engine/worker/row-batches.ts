/**
 * Groups rows into batches of at most `maxTokens` padded tokens, longest rows first so that little is padding.
 * @returns row indices; a single longer row is a batch of its own.
 */
export function rowBatches(lengths: readonly number[], maxTokens: number): number[][] {
  const order = lengths.map((_, row) => row).sort((a, b) => (lengths[b] as number) - (lengths[a] as number) || a - b);
  const batches: number[][] = [];
  let current: number[] = [];
  for (const row of order) {
    const width = lengths[current[0] ?? row] as number;
    if (current.length > 0 && (current.length + 1) * width > maxTokens) {
      batches.push(current);
      current = [];
    }
    current.push(row);
  }
  if (current.length > 0) batches.push(current);
  return batches;
}
