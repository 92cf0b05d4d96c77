import { ArgumentError } from '../core/errors';
import { DOCUMENT_FILE_ENDING, writeDocumentFile } from '../document/document-file';
import { onePerBlock, writeControlVector } from '../formats/control-vector';
import { writeCsv } from '../formats/csv';
import { writeJsonl } from '../formats/jsonl';
import { writeDirectionNpz } from '../formats/npz';
import { writeDirectionSafetensors } from '../formats/safetensors-writer';
import { appStore, notify } from './app-store';
import { documentWithRecord } from './recorded-result';
import { ANSWER_COLUMNS, answerRows, asObjects, SCORE_COLUMNS, scoreRows } from './result-rows';
import { saveBlob } from './save-blob';
import type { ExportKind } from './state';

const TYPES = { json: 'application/json', csv: 'text/csv', jsonl: 'application/jsonl', binary: 'application/octet-stream' } as const;

/** Each kind of file there is; a new one is missing here at compile time. */
const EXPORT_KINDS = Object.keys({
  document: true,
  'directions.safetensors': true,
  'directions.npz': true,
  'directions.gguf': true,
  'answers.csv': true,
  'answers.jsonl': true,
  'scores.csv': true,
  'scores.jsonl': true,
} satisfies Record<ExportKind, true>);

/** What a script has passed, short enough for a message. */
const quoted = (value: unknown) => (JSON.stringify(value) ?? String(value)).slice(0, 60);

/** One of the document's files. @throws ArgumentError for another kind, or where there is nothing of that kind to write. */
export async function exportBlob(kind: ExportKind): Promise<Blob> {
  const { runtime } = appStore.getState();
  switch (kind) {
    case 'document':
      return new Blob([writeDocumentFile(documentWithRecord())], { type: TYPES.json });
    case 'directions.safetensors':
      return new Blob([writeDirectionSafetensors(runtime.directions)], { type: TYPES.binary });
    case 'directions.npz':
      return new Blob([writeDirectionNpz(runtime.directions)], { type: TYPES.binary });
    case 'directions.gguf':
      return new Blob([controlVector()], { type: TYPES.binary });
    case 'answers.csv':
      return new Blob([writeCsv(ANSWER_COLUMNS, answerRows())], { type: TYPES.csv });
    case 'scores.csv':
      return new Blob([writeCsv(SCORE_COLUMNS, scoreRows())], { type: TYPES.csv });
    case 'answers.jsonl':
      return new Blob([writeJsonl(asObjects(ANSWER_COLUMNS, answerRows()))], { type: TYPES.jsonl });
    case 'scores.jsonl':
      return new Blob([writeJsonl(asObjects(SCORE_COLUMNS, scoreRows()))], { type: TYPES.jsonl });
    default:
      throw new ArgumentError(`export: expected one of ${EXPORT_KINDS.join(', ')}, got ${quoted(kind)}.`, 'Choose one of them.');
  }
}

/** Says what a control vector has no place for: one direction a block, the shown one first. */
function controlVector(): Uint8Array<ArrayBuffer> {
  const { document, runtime, session } = appStore.getState();
  const { written, leftOut } = onePerBlock(runtime.directions, session.activeDirectionId);
  const file = writeControlVector(written, document.model.family);
  if (leftOut.length > 0) {
    const names = leftOut.map(({ name, hookPoint }) => `"${name}" (${hookPoint})`).join(', ');
    notify(
      'info',
      `control vector: it holds one direction a block, so it was written with ${written.map(({ name }) => `"${name}"`).join(', ')} and without ${names}. Export safetensors or npz to keep them all.`,
    );
  }
  return file;
}

/** Saves one of the document's files. */
export async function exportAs(kind: ExportKind): Promise<void> {
  const stem = appStore.getState().document.title || 'experiment';
  saveBlob(await exportBlob(kind), kind === 'document' ? `${stem}${DOCUMENT_FILE_ENDING}` : `${stem}-${kind}`);
}
