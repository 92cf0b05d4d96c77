import { FormatError, MismatchError } from '../core/errors';
import { toDirectionRecord } from '../document/direction-record';
import { DOCUMENT_FILE_ENDING } from '../document/document-file';
import { appStore, editDocument, freshId, notify, setRuntime } from './app-store';
import { refreshDirections } from './direction-actions';
import { openDocumentFile } from './link-actions';
import { requireRoom } from './room';
import { holdsRows, readHead, readRows } from './row-reading';
import { contrastSetting, ranBy } from './staleness';
import { uniqueName } from './unique-name';

const DIRECTION_ENDING = /\.(safetensors|npz|npy|gguf)$/i;

/**
 * Takes question pairs or labelled answers as the document's contrast; says what was left out and why.
 * @throws FormatError, LimitError naming file and line; MismatchError when no row has both sides.
 */
export async function importContrast(file: File): Promise<void> {
  const rows = await readRows(file);
  if (rows.pairs.length === 0) {
    throw new MismatchError(
      `${file.name}: expected rows with both sides, got ${rows.labelled.length} labelled answers and ${rows.questions.length} questions.`,
      rows.labelled.length > 0
        ? 'Give each question an answer of either label; labels of one side alone serve a read-out judge, in step 5.'
        : 'Give each row a question with a positive and a negative answer.',
    );
  }
  editDocument((document) => ({ ...document, contrast: { kind: 'pairs', rows: rows.pairs } }));
  const leftOut = rows.leftOut.map(({ reason, count, lines }) => ({ reason: `${reason} (line ${lines.join(', ')})`, count }));
  const state = appStore.getState();
  const madeOf = contrastSetting(state.document, ranBy(state));
  setRuntime({ contrastReport: { madeOf, positive: rows.pairs.length, negative: rows.pairs.length, leftOut, imported: leftOut } });
  if (rows.notes.length > 0) notify('info', rows.notes.join(' '));
}

/** Adds a file's directions to the document. @throws FormatError, LimitError; MismatchError for another model's width. */
async function importDirections(file: File): Promise<void> {
  const { readDirectionFile } = await import('../formats/direction-file');
  const { document, runtime } = appStore.getState();
  const { directions, notes } = await readDirectionFile(file, file.name, document.directionSettings.hookPoint);
  const width = runtime.modelInfo?.dModel;
  const foreign = directions.find(({ values }) => width !== undefined && values.length !== width);
  if (foreign) {
    throw new MismatchError(
      `${file.name}, "${foreign.name}": expected ${width} values for this model, got ${foreign.values.length}.`,
      'Load the model that the direction was taken from.',
    );
  }
  const empty = directions.find(({ values }) => values.every((value) => value === 0));
  if (empty) {
    throw new FormatError(
      `${file.name}, "${empty.name}": expected a direction of length above 0, got 0.`,
      'Leave it out, or compute it from sides that differ.',
    );
  }
  requireRoom(document, 'directions', directions.length);
  const taken = document.directions.map(({ name }) => name);
  const records = directions.map((direction) => {
    const name = uniqueName(direction.name, taken);
    taken.push(name);
    return toDirectionRecord({ ...direction, name, id: freshId('direction') });
  });
  editDocument((current) => ({ ...current, directions: [...current.directions, ...records] }));
  refreshDirections();
  if (notes.length > 0) notify('info', notes.join(' '));
}

/** Opens a document, a file of directions, or a contrast, by its ending and, for JSON, its beginning. */
export async function importFile(file: File): Promise<void> {
  const isDocument = file.name.endsWith(DOCUMENT_FILE_ENDING) || /\.(json|html?)$/i.test(file.name);
  if (isDocument && !holdsRows(file.name, await readHead(file))) await openDocumentFile(file);
  else if (DIRECTION_ENDING.test(file.name)) await importDirections(file);
  else await importContrast(file);
}
