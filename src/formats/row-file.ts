import { FormatError, LimitError, UnsupportedError } from '../core/errors';
import { LIMITS } from '../core/limits';
import { readCsv } from './csv';
import { type RawRows, readJsonl } from './jsonl';
import { type RowImport, sortRows } from './row-schema';
import { readYaml } from './yaml-rows';

const EXAMPLE = 'Give each row a question with a positive and a negative answer, or messages with a label.';

/** A JSON file that holds one list of rows, or JSON lines under a JSON name. */
function readJsonRows(text: string, fileName: string): RawRows {
  if (!text.trimStart().startsWith('[')) return readJsonl(text, LIMITS.rowCount);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FormatError(
      `${fileName}: expected JSON, got ${error instanceof Error ? error.message.slice(0, 120) : 'damaged text'}.`,
      EXAMPLE,
    );
  }
  // A list's rows are counted instead of lines.
  return { rows: (Array.isArray(value) ? value : []).map((item: unknown, index) => ({ line: index + 1, value: item })), problems: [] };
}

async function readRows(text: string, fileName: string): Promise<RawRows> {
  const ending = /\.(\w+)$/.exec(fileName.toLowerCase())?.[1] ?? '';
  if (/^\s*(?:<!doctype|<html)/i.test(text))
    throw new FormatError(`${fileName}: expected rows, got an HTML page.`, 'Download the file itself, not a page about it.');
  if (ending === 'jsonl' || ending === 'ndjson') return readJsonl(text, LIMITS.rowCount);
  if (ending === 'json') return readJsonRows(text, fileName);
  if (ending === 'csv' || ending === 'tsv') return readCsv(text, fileName, LIMITS.rowCount);
  if (ending === 'yaml' || ending === 'yml') return readYaml(text, fileName, LIMITS.rowCount);
  throw new UnsupportedError(
    `${fileName}: expected a file ending in .jsonl, .json, .csv, .tsv, .yaml or .yml, got "${ending.slice(0, 20)}".`,
    EXAMPLE,
  );
}

/**
 * Reads pairs, labelled answers and questions from JSONL, JSON, CSV, TSV or YAML by the file's ending.
 * A row is `{question, positive, negative}` (or aligned/misaligned, good/bad, harmless/harmful, chosen/rejected), `{messages: [user, assistant], label}`,
 * `{question, answer, label}` or a bare question. `side` labels rows that have no label. Rows that do not fit are left out and counted.
 * @throws FormatError naming the first line and field when no row can be used; LimitError for a file beyond the limits; UnsupportedError for another ending.
 */
export async function readRowFile(text: string, fileName: string, side?: 'positive' | 'negative'): Promise<RowImport> {
  if (text.length > LIMITS.rowFileBytes) {
    throw new LimitError(`${fileName}: expected at most ${LIMITS.rowFileBytes} characters, got ${text.length}.`, 'Split the file.');
  }
  const { rows, problems } = await readRows(text.startsWith('\ufeff') ? text.slice(1) : text, fileName);
  if (rows.length + problems.length >= LIMITS.rowCount) {
    throw new LimitError(`${fileName}: expected fewer than ${LIMITS.rowCount} rows, got more.`, 'Split the file.');
  }
  const result = sortRows(rows, problems, side);
  if (result.pairs.length + result.labelled.length + result.questions.length > 0) return result;
  const [first] = result.leftOut;
  if (!first) throw new FormatError(`${fileName}: expected rows, got an empty file.`, EXAMPLE);
  throw new FormatError(`${fileName}, line ${first.lines[0]}: ${first.reason}.`, EXAMPLE);
}
