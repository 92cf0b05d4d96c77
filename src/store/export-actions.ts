import type { Direction } from '../core/direction';
import { DOCUMENT_FILE_ENDING, writeDocumentFile } from '../document/document-file';
import { writeControlVector } from '../formats/control-vector';
import { writeCsv } from '../formats/csv';
import { writeJsonl } from '../formats/jsonl';
import { writeDirectionNpz } from '../formats/npz';
import { writeDirectionSafetensors } from '../formats/safetensors-writer';
import { appStore } from './app-store';
import { documentWithRecord } from './recorded-result';
import { ANSWER_COLUMNS, answerRows, asObjects, SCORE_COLUMNS, scoreRows } from './result-rows';
import { saveBlob } from './save-blob';
import type { ExportKind } from './state';

const TYPES = { json: 'application/json', csv: 'text/csv', jsonl: 'application/jsonl', binary: 'application/octet-stream' } as const;

/** One of the document's files. @throws ArgumentError where there is nothing of that kind to write. */
export async function exportBlob(kind: ExportKind): Promise<Blob> {
  const { document, runtime } = appStore.getState();
  switch (kind) {
    case 'document':
      return new Blob([writeDocumentFile(documentWithRecord())], { type: TYPES.json });
    case 'directions.safetensors':
      return new Blob([writeDirectionSafetensors(runtime.directions)], { type: TYPES.binary });
    case 'directions.npz':
      return new Blob([writeDirectionNpz(runtime.directions)], { type: TYPES.binary });
    case 'directions.gguf':
      return new Blob([writeControlVector(onePerHookPoint(runtime.directions), document.model.family)], { type: TYPES.binary });
    case 'answers.csv':
      return new Blob([writeCsv(ANSWER_COLUMNS, answerRows())], { type: TYPES.csv });
    case 'scores.csv':
      return new Blob([writeCsv(SCORE_COLUMNS, scoreRows())], { type: TYPES.csv });
    case 'answers.jsonl':
      return new Blob([writeJsonl(asObjects(ANSWER_COLUMNS, answerRows()))], { type: TYPES.jsonl });
    case 'scores.jsonl':
      return new Blob([writeJsonl(asObjects(SCORE_COLUMNS, scoreRows()))], { type: TYPES.jsonl });
  }
}

/** A control vector holds one direction a block: the one kept last. */
function onePerHookPoint(directions: readonly Direction[]): Direction[] {
  return [...new Map(directions.map((direction) => [direction.hookPoint, direction])).values()];
}

/** Saves one of the document's files. */
export async function exportAs(kind: ExportKind): Promise<void> {
  const stem = appStore.getState().document.title || 'experiment';
  saveBlob(await exportBlob(kind), kind === 'document' ? `${stem}${DOCUMENT_FILE_ENDING}` : `${stem}-${kind}`);
}
