import { openDocumentFile } from './link-actions';

/** Takes a dropped contrast. */
export async function importContrast(file: File): Promise<void> {
  await importFile(file);
}

/** Opens a document file. */
export async function importFile(file: File): Promise<void> {
  await openDocumentFile(file);
}
