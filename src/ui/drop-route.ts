import { holdsRows } from '../store/row-reading';

/** What a dropped file or folder is taken for; of `rows` only their reader can say what they are. */
export type DropRoute = 'model' | 'adapter' | 'rows' | 'questions' | 'import';

/** The little that is known of a dropped file before it is read. */
export interface DroppedFile {
  name: string;
  sizeBytes: number;
}

/** A GGUF below this is a control vector: the smallest model worth loading is larger. */
const CONTROL_VECTOR_BYTES = 8_000_000;

/**
 * Where a drop goes, from the files' names and the beginning of a row file:
 * a folder with an adapter_config.json is an adapter, one with a config.json or a large .gguf a model,
 * plain text is questions, and the rest is left to the importer.
 */
export function dropRoute(files: readonly DroppedFile[], head: string): DropRoute {
  const has = (name: string) => files.some((file) => file.name === name);
  if (has('adapter_config.json')) return 'adapter';
  if (has('config.json') || has('tokenizer.json')) return 'model';
  const gguf = files.find(({ name }) => /\.gguf$/i.test(name));
  if (gguf) return gguf.sizeBytes >= CONTROL_VECTOR_BYTES ? 'model' : 'import';
  if (files.some(({ name }) => /\.txt$/i.test(name))) return 'questions';
  if (files.some(({ name }) => holdsRows(name, head))) return 'rows';
  return 'import';
}
