import { UnsupportedError } from '../core/errors';
import { type Fields, shown } from '../formats/json-fields';
import { readGemma2Gguf } from './gemma2/config';
import { gemma2GgufNames } from './gemma2/weight-names';
import { readGemma3Gguf } from './gemma3/config';
import { gemma3GgufNames } from './gemma3/weight-names';
import type { GgufBlockNames, GgufTensors } from './gguf-names';
import { readLlamaGguf } from './llama/config';
import { llamaGgufNames } from './llama/weight-names';
import type { ModelConfig } from './model-config';
import { readQwen2Gguf } from './qwen2/config';
import { qwen2GgufNames } from './qwen2/weight-names';
import { readQwen3Gguf } from './qwen3/config';
import { qwen3GgufNames } from './qwen3/weight-names';

/** How a family is read from GGUF. */
export interface GgufFamily {
  readConfig(metadata: Fields, tensors: GgufTensors): ModelConfig;
  blockNames: GgufBlockNames;
  /** llama.cpp interleaves the halves of q and k heads of this family. */
  interleavedHeads: boolean;
  /** SentencePiece merges go by the vocabulary's order instead of its scores. */
  vocabularyOrder: boolean;
}

const FAMILIES: Readonly<Record<string, GgufFamily>> = {
  qwen2: { readConfig: readQwen2Gguf, blockNames: qwen2GgufNames, interleavedHeads: false, vocabularyOrder: false },
  qwen3: { readConfig: readQwen3Gguf, blockNames: qwen3GgufNames, interleavedHeads: false, vocabularyOrder: false },
  gemma2: { readConfig: readGemma2Gguf, blockNames: gemma2GgufNames, interleavedHeads: false, vocabularyOrder: true },
  gemma3: { readConfig: readGemma3Gguf, blockNames: gemma3GgufNames, interleavedHeads: false, vocabularyOrder: true },
  llama: { readConfig: readLlamaGguf, blockNames: llamaGgufNames, interleavedHeads: true, vocabularyOrder: false },
};

/** @throws UnsupportedError for an architecture that is not listed. */
export function ggufFamily(metadata: Fields): GgufFamily {
  const architecture = metadata.string('general.architecture');
  const family = Object.hasOwn(FAMILIES, architecture) ? FAMILIES[architecture] : undefined;
  if (family) return family;
  throw new UnsupportedError(
    `${metadata.file}: field "general.architecture": expected one of ${Object.keys(FAMILIES).join(', ')}, got "${shown(architecture)}".`,
    'Take a model of one of these families.',
  );
}
