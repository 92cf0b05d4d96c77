/** First and last question, counted from 0, of which enough is on screen to read. */
export interface VisibleRows {
  first: number;
  last: number;
}

/** A row counts as visible from this much of it on, or when all of it is. */
const ENOUGH_PX = 44;

/** Rows that can be read between two heights; rows are given from top to bottom. */
export function visibleRows(rows: ReadonlyArray<{ top: number; bottom: number }>, top: number, bottom: number): VisibleRows {
  const seen = rows.flatMap((row, index) => {
    const shown = Math.min(row.bottom, bottom) - Math.max(row.top, top);
    return shown >= Math.min(ENOUGH_PX, row.bottom - row.top) ? [index] : [];
  });
  return { first: seen[0] ?? 0, last: seen.at(-1) ?? 0 };
}

/** `Questions 1–2 of 8`. */
export function visibleText({ first, last }: VisibleRows, count: number): string {
  if (count === 0) return 'No questions yet';
  return last > first ? `Questions ${first + 1}–${Math.min(last + 1, count)} of ${count}` : `Question ${first + 1} of ${count}`;
}
