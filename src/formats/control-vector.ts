import type { Direction } from '../core/direction';
import { ArgumentError } from '../core/errors';
import { META_KEY, metaJson, requireDirections } from './direction-meta';
import { f32Bytes } from './safetensors-writer';

const ALIGNMENT = 32;
const GGUF_VERSION = 3;
const TYPE_INT32 = 5;
const TYPE_STRING = 8;
const GGML_F32 = 0;

/**
 * The block after which llama.cpp adds `direction.N`: N, so `blocks.N.hook_resid_post`, or `blocks.N+1.hook_resid_pre`, which is the same place.
 * It has no place for block 0, the embedding or the middle of a block.
 * @throws ArgumentError naming the direction and its hook point.
 */
export function controlVectorBlock(direction: Direction): number {
  const match = /^blocks\.(\d+)\.hook_resid_(pre|post)$/.exec(direction.hookPoint);
  const block = match ? Number(match[1]) - (match[2] === 'pre' ? 1 : 0) : 0;
  if (block < 1) {
    throw new ArgumentError(
      `direction "${direction.name}": expected the output of block 1 or later for a control vector, got ${direction.hookPoint}.`,
      'Export it as safetensors or npz, or capture it at hook_resid_post of a later block.',
    );
  }
  return block;
}

/**
 * What a control vector can hold of `directions`: one a block, the preferred one where several stand at a block, else the last.
 * Those that it has no place for are left out, unless nothing else is there: then the writer says why.
 */
export function onePerBlock(directions: readonly Direction[], preferredId: string | null): { written: Direction[]; leftOut: Direction[] } {
  const sayable = directions.filter(isSayable);
  if (sayable.length === 0) return { written: [...directions], leftOut: [] };
  const byBlock = new Map<number, Direction>();
  for (const direction of sayable) {
    const block = controlVectorBlock(direction);
    if (byBlock.get(block)?.id !== preferredId || preferredId === null) byBlock.set(block, direction);
  }
  const written = [...byBlock.values()];
  return { written, leftOut: directions.filter((direction) => !written.includes(direction)) };
}

function isSayable(direction: Direction): boolean {
  try {
    return controlVectorBlock(direction) > 0;
  } catch {
    return false;
  }
}

/** Writes GGUF's header parts; strings and counts are little-endian with 64-bit lengths. */
class GgufWriter {
  private readonly parts: Uint8Array[] = [];
  sizeBytes = 0;

  bytes(part: Uint8Array): void {
    this.parts.push(part);
    this.sizeBytes += part.length;
  }

  uint32(value: number): void {
    const part = new Uint8Array(4);
    new DataView(part.buffer).setUint32(0, value, true);
    this.bytes(part);
  }

  uint64(value: number): void {
    const part = new Uint8Array(8);
    new DataView(part.buffer).setBigUint64(0, BigInt(value), true);
    this.bytes(part);
  }

  string(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.uint64(bytes.length);
    this.bytes(bytes);
  }

  align(): void {
    this.bytes(new Uint8Array((ALIGNMENT - (this.sizeBytes % ALIGNMENT)) % ALIGNMENT));
  }

  finish(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.sizeBytes);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

/**
 * llama.cpp's control vector: GGUF v3 of architecture `controlvector` with one F32 tensor `direction.N` `[dModel]` a block, added to the output of block N.
 * Recipes stand under `vane.directions`. `modelHint` is the model's GGUF architecture, such as `qwen2`. Nothing is mutated.
 * @throws ArgumentError without directions, for two at the same block, for lengths that differ, or a hook point that the format cannot say.
 */
export function writeControlVector(directions: readonly Direction[], modelHint: string): Uint8Array<ArrayBuffer> {
  requireDirections(directions);
  const ordered = directions.map((direction) => ({ direction, block: controlVectorBlock(direction) })).sort((a, b) => a.block - b.block);
  for (const [index, { direction, block }] of ordered.entries()) {
    const next = ordered[index + 1];
    if (next?.block === block) {
      throw new ArgumentError(
        `control vector: expected one direction a block, got "${direction.name}" and "${next.direction.name}" at block ${block}.`,
        'Export them one by one.',
      );
    }
    if (next && next.direction.values.length !== direction.values.length) {
      throw new ArgumentError(
        `control vector: expected directions of one model, got lengths ${direction.values.length} and ${next.direction.values.length}.`,
        'Export them one by one.',
      );
    }
  }
  const names = ordered.map(({ block }) => `direction.${block}`);
  const writer = new GgufWriter();
  writer.bytes(new TextEncoder().encode('GGUF'));
  writer.uint32(GGUF_VERSION);
  writer.uint64(ordered.length);
  writer.uint64(4);
  const texts = [
    ['general.architecture', 'controlvector'],
    ['controlvector.model_hint', modelHint],
    [
      META_KEY,
      metaJson(
        ordered.map(({ direction }) => direction),
        names,
      ),
    ],
  ] as const;
  for (const [key, text] of texts) {
    writer.string(key);
    writer.uint32(TYPE_STRING);
    writer.string(text);
  }
  writer.string('controlvector.layer_count');
  writer.uint32(TYPE_INT32);
  writer.uint32(ordered.at(-1)?.block ?? 0);
  let offset = 0;
  for (const [index, { direction }] of ordered.entries()) {
    writer.string(names[index] as string);
    writer.uint32(1);
    writer.uint64(direction.values.length);
    writer.uint32(GGML_F32);
    writer.uint64(offset);
    offset += Math.ceil((direction.values.length * 4) / ALIGNMENT) * ALIGNMENT;
  }
  for (const { direction } of ordered) {
    writer.align();
    writer.bytes(f32Bytes(direction.values));
  }
  writer.align();
  return writer.finish();
}
