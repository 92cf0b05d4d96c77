import { FormatError, MismatchError, UnsupportedError } from '../core/errors';
import type { ByteSource } from './byte-source';
import { shown } from './json-fields';
import type { LoraModule, LoraProjection } from './lora-adapter';
import type { PeftConfig } from './peft-config';
import type { SafetensorsEntry } from './safetensors';
import { TensorStore } from './tensor-store';

/** What an adapter must fit: the number of blocks and `[dOut, dIn]` of each linear layer. */
export interface AdaptedModel {
  nLayers: number;
  shapes: Readonly<Record<LoraProjection, readonly [number, number]>>;
}

const TENSOR_NAME = /^base_model\.model\.((?:[\w]+\.)*?layers\.(\d{1,5})\.(?:self_attn|mlp)\.(\w+))\.lora_([AB])\.weight$/;
const PLAIN_LORA =
  'This engine runs plain LoRA on q, k, v, o, gate, up and down projections: merge the adapter into its base with peft and load the result as a model.';
const OTHER_MODEL = 'The adapter was made for another model: load that model, or another adapter.';

interface Pair {
  moduleKey: string;
  block: number;
  projection: LoraProjection;
  a?: SafetensorsEntry;
  b?: SafetensorsEntry;
}

/**
 * Reads a LoRA's matrices, each checked against config and model.
 * @throws MismatchError naming tensor and both shapes; FormatError for missing, extra or damaged tensors; UnsupportedError for adapted modules that are no linear layers of a block.
 */
export async function readPeftModules(
  config: PeftConfig,
  entries: readonly SafetensorsEntry[],
  source: ByteSource,
  model: AdaptedModel,
  signal?: AbortSignal,
): Promise<LoraModule[]> {
  const pairs = pairUp(config, entries, source.name, model);
  checkComplete(config, pairs, source.name, model);
  const modules: LoraModule[] = [];
  for (const { moduleKey, block, projection, a, b } of pairs.values()) {
    if (!a || !b)
      throw new FormatError(
        `${source.name}: module "${moduleKey}": expected lora_A and lora_B, got one of them.`,
        'Fetch the adapter again.',
      );
    const rank = config.rank(moduleKey);
    const [dOut, dIn] = model.shapes[projection];
    checkShape(a, [rank, dIn], source.name);
    checkShape(b, [dOut, rank], source.name);
    const store = new TensorStore([stored(a, source), stored(b, source)]);
    modules.push({
      block,
      projection,
      rank,
      a: await store.readRows(a.name, 0, rank, signal),
      b: await store.readRows(b.name, 0, dOut, signal),
      scaling: config.scaling(moduleKey),
    });
  }
  return modules.sort((x, y) => x.block - y.block);
}

function pairUp(config: PeftConfig, entries: readonly SafetensorsEntry[], file: string, model: AdaptedModel): Map<string, Pair> {
  const pairs = new Map<string, Pair>();
  for (const entry of entries) {
    const match = TENSOR_NAME.exec(entry.name);
    if (!match) throw unknownTensor(entry.name, file);
    const [, moduleKey = '', index, projection = '', side] = match;
    const block = Number(index);
    if (!Object.hasOwn(model.shapes, projection)) throw unknownTensor(entry.name, file);
    if (block >= model.nLayers)
      throw new MismatchError(
        `${file}: tensor "${shown(entry.name)}" [${entry.shape}]: expected a block below ${model.nLayers}, got block ${block}.`,
        OTHER_MODEL,
      );
    if (!config.targets(moduleKey)) {
      throw new FormatError(
        `${file}: tensor "${shown(entry.name)}": expected only modules that adapter_config.json targets, got this one besides.`,
        'Take config and weights of the adapter from one place.',
      );
    }
    const key = `${block}.${projection}`;
    const pair = pairs.get(key) ?? { moduleKey, block, projection: projection as LoraProjection };
    if (pair[side === 'A' ? 'a' : 'b'] || pair.moduleKey !== moduleKey)
      throw new FormatError(
        `${file}: tensor "${shown(entry.name)}": expected one pair for the module, got two.`,
        'Fetch the adapter again.',
      );
    pair[side === 'A' ? 'a' : 'b'] = entry;
    pairs.set(key, pair);
  }
  return pairs;
}

/** @throws FormatError when the config targets a module that the file has nothing for. */
function checkComplete(config: PeftConfig, pairs: ReadonlyMap<string, Pair>, file: string, model: AdaptedModel): void {
  const [any] = pairs.values();
  if (!any) throw new FormatError(`${file}: expected the matrices of at least one module, got none.`, 'Fetch the adapter again.');
  const prefix = any.moduleKey.replace(/layers\.\d+\..*$/, '');
  for (let block = 0; block < model.nLayers; block++) {
    for (const projection of Object.keys(model.shapes)) {
      const part =
        projection.endsWith('_proj') && 'qkvo'.includes(projection[0] as string) && projection.length === 6 ? 'self_attn' : 'mlp';
      const moduleKey = `${prefix}layers.${block}.${part}.${projection}`;
      if (config.targets(moduleKey) && !pairs.has(`${block}.${projection}`)) {
        throw new MismatchError(
          `${file}: module "${moduleKey}": expected lora_A [${config.rank(moduleKey)},${model.shapes[projection as LoraProjection][1]}] as adapter_config.json targets it, got nothing.`,
          OTHER_MODEL,
        );
      }
    }
  }
}

function checkShape(entry: SafetensorsEntry, shape: readonly number[], file: string): void {
  if (entry.shape.length === 2 && entry.shape[0] === shape[0] && entry.shape[1] === shape[1]) return;
  throw new MismatchError(`${file}: tensor "${entry.name}": expected [${shape}], got [${entry.shape}].`, OTHER_MODEL);
}

function unknownTensor(name: string, file: string): UnsupportedError {
  const what = /lora_magnitude/.test(name)
    ? 'DoRA'
    : /lora_embedding|embed_tokens|lm_head/.test(name)
      ? 'trained embeddings'
      : /\.bias$/.test(name)
        ? 'a trained bias'
        : 'another module';
  return new UnsupportedError(
    `${file}: tensor "${shown(name)}": expected LoRA matrices of a block's linear layers, got ${what}.`,
    PLAIN_LORA,
  );
}

function stored(entry: SafetensorsEntry, source: ByteSource) {
  const { dtype } = entry;
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16')
    throw new FormatError(
      `${source.name}: tensor "${shown(entry.name)}": expected F32, F16 or BF16, got ${dtype}.`,
      'Save the adapter in one of these types.',
    );
  return { name: entry.name, shape: entry.shape, storedType: dtype, sizeBytes: entry.sizeBytes, source, offset: entry.offset } as const;
}
