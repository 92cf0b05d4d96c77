import { LIMITS } from '../../core/limits';

/** `0-3, 8` of `[0, 1, 2, 3, 8]`. */
export function positionsText(positions: readonly number[]): string {
  const sorted = [...new Set(positions)].sort((a, b) => a - b);
  const runs: Array<[number, number]> = [];
  for (const position of sorted) {
    const last = runs.at(-1);
    if (last && position === last[1] + 1) last[1] = position;
    else runs.push([position, position]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

/** The positions a text such as `0-3, 8` names, without repeats; null when it names none or is no such list. */
export function parsePositions(text: string): number[] | null {
  const positions = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,7})(?:\s*[-–]\s*(\d{1,7}))?\s*$/.exec(part);
    if (!match) return null;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first || last > LIMITS.contextLength || positions.size + last - first >= LIMITS.listLength) return null;
    for (let position = first; position <= last; position++) positions.add(position);
  }
  return positions.size > 0 ? [...positions].sort((a, b) => a - b) : null;
}

/** Why a text is no list of positions; null when it is one. */
export function positionsProblem(text: string): string | null {
  if (parsePositions(text)) return null;
  const excerpt = text.length > 40 ? `${text.slice(0, 39)}…` : text;
  return `positions: expected a list such as 0-3, 8 of at most ${LIMITS.listLength} positions, got "${excerpt}".`;
}
