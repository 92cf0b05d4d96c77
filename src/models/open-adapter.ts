import { LimitError } from '../core/errors';
import { LIMITS } from '../core/limits';
import type { LoadProgress, Source } from '../engine/api';
import { required } from '../formats/byte-source';
import { ChunkPool } from '../formats/chunk-pool';
import { parseJson } from '../formats/json-fields';
import type { LoraAdapter } from '../formats/lora-adapter';
import { readPeftConfig } from '../formats/peft-config';
import { readPeftModules } from '../formats/peft-modules';
import { resolveSource, type SourceOptions } from '../formats/resolve-source';
import { readSafetensorsHeader } from '../formats/safetensors';
import { identity, LoadReader } from './load-reader';
import type { ModelConfig } from './model-config';
import { projectionShapes } from './weight-check';

const CONFIG = 'adapter_config.json';
const WEIGHTS = 'adapter_model.safetensors';

export interface OpenAdapterOptions extends Partial<SourceOptions> {
  onProgress?: (progress: LoadProgress) => void;
}

/**
 * Opens a PEFT LoRA for a model of this description.
 * @throws MismatchError naming the tensor and both shapes for an adapter of another model; UnsupportedError for another kind of adapter; SourceError, FormatError, LimitError as `openCheckpoint`.
 */
export async function openAdapter(source: Source, config: ModelConfig, options: OpenAdapterOptions = {}): Promise<LoraAdapter> {
  const full: SourceOptions = { ...options, baseUrl: options.baseUrl ?? globalThis.location?.href ?? 'http://localhost/' };
  const { tree } = resolveSource(source, full);
  const reader = new LoadReader(new ChunkPool(options.signal), options.onProgress, 'adapter');
  reader.report('adapter', CONFIG);
  const configBytes = required(await tree.readSmall(CONFIG, LIMITS.configBytes));
  const peft = readPeftConfig(parseJson(configBytes, CONFIG, LIMITS.configBytes), CONFIG);
  const file = required(await tree.open(WEIGHTS));
  if (file.sizeBytes > LIMITS.adapterBytes)
    throw new LimitError(
      `${WEIGHTS}: expected at most ${LIMITS.adapterBytes} bytes, got ${file.sizeBytes}.`,
      'Take an adapter of lower rank.',
    );
  const weights = reader.wrap(file);
  const entries = await readSafetensorsHeader(weights, options.signal);
  const modules = await readPeftModules(
    peft,
    entries,
    weights,
    { nLayers: config.nLayers, shapes: projectionShapes(config) },
    options.signal,
  );
  return { sha256: await identity(configBytes, [weights], options.signal), baseModelName: peft.baseModelName, modules };
}
