import { LimitError } from '../core/errors';
import { LIMITS } from '../core/limits';
import type { RowImport } from '../formats/row-schema';

/** Reads a file of rows. Its parsers are fetched now, because most visits never need them. @throws FormatError, LimitError, UnsupportedError. */
export async function readRows(file: File): Promise<RowImport> {
  if (file.size > LIMITS.rowFileBytes) {
    throw new LimitError(`${file.name}: expected at most ${LIMITS.rowFileBytes} bytes, got ${file.size}.`, 'Split the file.');
  }
  const { readRowFile } = await import('../formats/row-file');
  return readRowFile(await file.text(), file.name);
}
