import { LIMITS } from '../core/limits';
import type { RowImport } from '../formats/row-schema';
import { decodeHead, readText } from '../formats/text-file';

/** Reads a file of rows. Its parsers are fetched now, because most visits never need them. @throws FormatError, LimitError, UnsupportedError. */
export async function readRows(file: File): Promise<RowImport> {
  const { readRowFile } = await import('../formats/row-file');
  return readRowFile(await readRowText(file), file.name);
}

/** Text of a file that has a row on each line. @throws LimitError, FormatError for a text that is none. */
export function readRowText(file: File): Promise<string> {
  return readText(file, LIMITS.rowFileBytes, 'Split the file.');
}

/**
 * What a file's rows are taken for, by the reader of the import itself: questions where there is nothing else, else answers for a
 * contrast. A file that cannot be read is taken for answers too, so that the import says why.
 */
export async function rowsAre(file: File): Promise<'answers' | 'questions'> {
  const rows = await readRows(file).catch(() => null);
  return rows && rows.questions.length > 0 && rows.labelled.length === 0 ? 'questions' : 'answers';
}

const ROWS = /\.(jsonl|ndjson|csv|tsv|ya?ml)$/i;

/** True for a file of rows, by its ending; one in .json when it begins with a list or holds one object a line, which no document does. */
export function holdsRows(name: string, head: string): boolean {
  return ROWS.test(name) || (/\.json$/i.test(name) && /^\s*(?:\[|\{[^\n]*\}[ \t\r]*\n\s*\{)/.test(head));
}

const HEAD_BYTES = 4_096;

/** The beginning of a file, to tell what it holds. */
export async function readHead(file: File): Promise<string> {
  return decodeHead(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()));
}
