import { FormatError, LimitError } from './errors';
import { joinBytes } from './join-bytes';

async function* chunksOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function through(
  bytes: Uint8Array<ArrayBuffer>,
  transform: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([bytes]).stream().pipeThrough(transform);
}

/** RFC 1951 without a header, by the browser's own CompressionStream. */
export async function deflateRaw(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let sizeBytes = 0;
  for await (const chunk of chunksOf(through(bytes, new CompressionStream('deflate-raw')))) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
  }
  return joinBytes(chunks, sizeBytes);
}

/**
 * Inverse of `deflateRaw`, stopped at the first chunk beyond `mostBytes`, so that a decompression bomb costs no more than that.
 * @throws LimitError beyond `mostBytes`; FormatError for data that is no deflate stream or is cut off.
 */
export async function inflateRaw(bytes: Uint8Array<ArrayBuffer>, mostBytes: number, what: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of chunksOf(through(bytes, new DecompressionStream('deflate-raw')))) {
      sizeBytes += chunk.length;
      if (sizeBytes > mostBytes) {
        throw new LimitError(`${what}: expected at most ${mostBytes} bytes once decompressed, got more.`, 'Do not trust it.');
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof LimitError) throw error;
    throw new FormatError(
      `${what}: expected compressed data, got damaged or cut-off data.`,
      'It is damaged or not whole: copy it again, to its very end.',
    );
  }
  return joinBytes(chunks, sizeBytes);
}
