import type { LoadProgress } from '../engine/api';
import type { ChunkedSource, ChunkPool } from '../formats/chunk-pool';
import { sha256, toHex } from '../formats/sha256';

/** Wraps a load's weight files so that they share one pool, report bytes and are hashed. */
export class LoadReader {
  private loadedBytes = 0;
  private totalBytes = 0;

  constructor(
    private readonly pool: ChunkPool,
    private readonly onProgress?: (progress: LoadProgress) => void,
    private readonly stage: 'weights' | 'adapter' = 'weights',
  ) {}

  report(stage: LoadProgress['stage'], file: string): void {
    this.onProgress?.({ stage, file, loadedBytes: this.loadedBytes, totalBytes: this.totalBytes || null });
  }

  wrap(source: Parameters<ChunkPool['wrap']>[0]): ChunkedSource {
    this.totalBytes += source.sizeBytes;
    return this.pool.wrap(source, (sizeBytes) => {
      this.loadedBytes += sizeBytes;
      this.report(this.stage, source.name);
    });
  }
}

/** SHA-256 over the config's bytes and each weight file's chunk digest, in the order of their names. */
export async function identity(config: Uint8Array, files: readonly ChunkedSource[], signal?: AbortSignal): Promise<string> {
  const parts = [await sha256(config)];
  for (const file of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) parts.push(await file.digest(signal));
  const joined = new Uint8Array(parts.length * 32);
  parts.forEach((part, index) => {
    joined.set(part, index * 32);
  });
  return toHex(await sha256(joined));
}
