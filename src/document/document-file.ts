import { FormatError, LimitError } from '../core/errors';
import { LIMITS } from '../core/limits';
import { MADE_BY } from './link';
import { parseDocument } from './parse';
import type { VaneDocument } from './schema';

/** Ending of the file form. */
export const DOCUMENT_FILE_ENDING = '.vane.json';

/** The document as pretty JSON: the link's content, with answers and ids in plain sight and scores unrounded. */
export function writeDocumentFile(document: VaneDocument): string {
  return `${JSON.stringify({ madeBy: MADE_BY, ...parseDocument(document, 'document') }, null, 2)}\n`;
}

/**
 * Reads `writeDocumentFile`'s text, of this or an older version.
 * @throws FormatError or LimitError naming `fileName` and the field.
 */
export function readDocumentFile(text: string, fileName: string): VaneDocument {
  if (text.length > LIMITS.documentBytes) {
    throw new LimitError(
      `${fileName}: expected at most ${LIMITS.documentBytes} characters, got ${text.length}.`,
      'Leave some recorded answers out.',
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch (error) {
    const detail = error instanceof Error ? error.message.slice(0, 120) : 'damaged text';
    throw new FormatError(`${fileName}: expected JSON, got ${detail}.`, 'Choose a .vane.json file.');
  }
  return parseDocument(value, fileName);
}
