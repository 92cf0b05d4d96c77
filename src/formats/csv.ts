import Papa from 'papaparse';
import { FormatError } from '../core/errors';
import { LIMITS } from '../core/limits';
import type { RawRows } from './jsonl';

/** Spreadsheets run a cell that begins like this as a formula; full-width forms count, and white space before them does not help. */
const FORMULA_START = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;

const MOST_COLUMNS = 200;

/**
 * Rows of a CSV or TSV file with a header line, as objects by column name; separator and quotes as papaparse finds them.
 * Records of another length than the header become problems. @throws FormatError without a header, or with too many or repeated columns.
 */
export function readCsv(text: string, fileName: string, mostRows: number): RawRows {
  const { data } = Papa.parse<string[]>(text, { preview: mostRows + 1 });
  const header = (data[0] ?? []).map((name) => name.trim());
  const repeated = header.find((name, index) => name !== '' && header.indexOf(name) !== index);
  if (header.every((name) => name === '') || header.length > MOST_COLUMNS || repeated !== undefined) {
    const got = repeated === undefined ? `${header.length} columns` : `"${repeated.slice(0, LIMITS.nameCharacters)}" twice`;
    throw new FormatError(
      `${fileName}, line 1: expected up to ${MOST_COLUMNS} column names that differ, got ${got}.`,
      'Name the columns question, positive and negative.',
    );
  }
  const rows: RawRows['rows'] = [];
  const problems: RawRows['problems'] = [];
  let line = 1;
  for (const [index, record] of data.entries()) {
    const isEmpty = record.length === 1 && record[0]?.trim() === '';
    if (index > 0 && !isEmpty) {
      if (record.length === header.length)
        rows.push({ line, value: Object.fromEntries(header.map((name, column) => [name, record[column]])) });
      else problems.push({ line, reason: `expected ${header.length} fields, got ${record.length}` });
    }
    // A quoted field may span lines.
    line += 1 + record.reduce((sum, cell) => sum + (cell.match(/\n/g)?.length ?? 0), 0);
  }
  return { rows, problems };
}

/** A cell of an exported table. */
export type Cell = string | number | boolean | null;

/**
 * RFC 4180 text with a header line. Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay as they are.
 */
export function writeCsv(columns: readonly string[], rows: ReadonlyArray<readonly Cell[]>): string {
  return `${Papa.unparse({ fields: [...columns], data: rows.map((row) => [...row]) }, { escapeFormulae: FORMULA_START, newline: '\r\n' })}\r\n`;
}
