import type { LoadProgress, Source } from '../engine/api';
import { ChunkPool } from '../formats/chunk-pool';
import { resolveSource, type SourceOptions } from '../formats/resolve-source';
import type { Checkpoint } from './checkpoint';
import { LoadReader } from './load-reader';
import { openGguf } from './open-gguf';
import { openHuggingFaceFolder } from './open-hugging-face';

export interface OpenOptions extends Partial<SourceOptions> {
  onProgress?: (progress: LoadProgress) => void;
}

/**
 * Opens a model from any source: reads and checks config, tensor tables and tokenizer; weights are read on demand.
 * `options.signal` ends every read of the checkpoint, also later ones. In a worker `baseUrl` must be the document's.
 * @throws SourceError, FormatError, LimitError, UnsupportedError naming file, field and remedy.
 */
export async function openCheckpoint(source: Source, options: OpenOptions = {}): Promise<Checkpoint> {
  const full: SourceOptions = { ...options, baseUrl: options.baseUrl ?? globalThis.location?.href ?? 'http://localhost/' };
  const resolved = resolveSource(source, full);
  const pool = new ChunkPool(options.signal);
  const reader = new LoadReader(pool, options.onProgress);
  const { tree, gguf, name } = resolved;
  const content =
    gguf !== null
      ? await openGguf(tree, gguf, name, reader, options.signal)
      : await openHuggingFaceFolder(tree, name, reader, options.signal);
  return { ...content, close: () => pool.close() };
}
