import { UnsupportedError } from '../core/errors';
import { Fields, shown } from '../formats/json-fields';
import { readGemma2Config } from './gemma2/config';
import { readGemma3Config } from './gemma3/config';
import { readLlamaConfig } from './llama/config';
import type { ModelConfig } from './model-config';
import { readQwen2Config } from './qwen2/config';
import { readQwen3Config } from './qwen3/config';

const READERS: Readonly<Record<string, (fields: Fields) => ModelConfig>> = {
  qwen2: readQwen2Config,
  qwen3: readQwen3Config,
  gemma2: readGemma2Config,
  gemma3_text: readGemma3Config,
  gemma3: readGemma3Config,
  llama: readLlamaConfig,
};

/** Reads config.json of any listed family. @throws UnsupportedError for another architecture; FormatError naming the field. */
export function readModelConfig(json: unknown, file: string): ModelConfig {
  const fields = Fields.of(json, file);
  const type = fields.string('model_type');
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  if (!read) {
    throw new UnsupportedError(
      `${file}: field "model_type": expected one of ${Object.keys(READERS).join(', ')}, got "${shown(type)}".`,
      'Take a model of one of these families.',
    );
  }
  const quantisation = fields.object('quantization_config');
  if (quantisation) {
    throw new UnsupportedError(
      `${file}: field "quantization_config": expected plain weights, got "${shown(quantisation.raw('quant_method'))}".`,
      'Take the checkpoint in F32, F16 or BF16, or a GGUF of it.',
    );
  }
  if (type !== 'gemma3') return read(fields);
  const text = fields.object('text_config');
  if (!text) throw fields.refuse('text_config', 'the config of the text model');
  return read(text);
}
