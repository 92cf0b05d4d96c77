import type { RawRow } from './row-schema';

/** A file's rows, and the lines that could not be read. */
export interface RawRows {
  rows: RawRow[];
  problems: Array<{ line: number; reason: string }>;
}

/** One JSON value a line; empty lines are skipped. Lines that are no JSON become problems, so that the rest can be used. */
export function readJsonl(text: string, mostRows: number): RawRows {
  const rows: RawRow[] = [];
  const problems: RawRows['problems'] = [];
  let start = 0;
  for (let line = 1; start < text.length && rows.length + problems.length < mostRows; line++) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const content = text.slice(start, end).trim();
    start = end + 1;
    if (content === '') continue;
    try {
      rows.push({ line, value: JSON.parse(content) as unknown });
    } catch {
      problems.push({ line, reason: 'expected one JSON value on the line, got other text' });
    }
  }
  return { rows, problems };
}

/** One JSON value a line. */
export function writeJsonl(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
