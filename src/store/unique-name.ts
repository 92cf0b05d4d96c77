/** `name`, or with the first number that nothing in `taken` has: `base + steering`, `base + steering 2`. */
export function uniqueName(name: string, taken: Iterable<string>): string {
  const used = new Set(taken);
  let unique = name;
  for (let n = 2; used.has(unique); n++) unique = `${name} ${n}`;
  return unique;
}
