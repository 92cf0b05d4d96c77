import { FormatError, LimitError } from '../core/errors';
import { LIMITS } from '../core/limits';
import { type ByteSource, type FileTree, required } from '../formats/byte-source';
import { ChatTemplate } from '../formats/chat-template';
import type { ChunkedSource } from '../formats/chunk-pool';
import { HuggingFaceTokenizer } from '../formats/hugging-face-tokenizer';
import { Fields, isRecord, parseJson, shown } from '../formats/json-fields';
import { readSafetensorsHeader, type SafetensorsEntry } from '../formats/safetensors';
import { type StoredTensor, TensorStore } from '../formats/tensor-store';
import { surroundingTokens, type TokenizerDescription } from '../formats/tokenizer-description';
import { readTokenizerJson } from '../formats/tokenizer-json';
import type { StoredType } from '../formats/weight-store';
import type { CheckpointContent } from './checkpoint';
import { readModelConfig } from './family-configs';
import { identity, type LoadReader } from './load-reader';
import type { ModelConfig } from './model-config';
import { canonicalName } from './tensor-names';
import { checkTensors } from './weight-check';

const INDEX = 'model.safetensors.index.json';
const SINGLE = 'model.safetensors';

/** Opens a Hugging Face folder: config.json, safetensors, tokenizer.json and what goes with them. */
export async function openHuggingFaceFolder(
  tree: FileTree,
  name: string,
  reader: LoadReader,
  signal?: AbortSignal,
): Promise<CheckpointContent> {
  reader.report('header', 'config.json');
  const configBytes = required(await tree.readSmall('config.json', LIMITS.configBytes));
  const configJson = parseJson(configBytes, 'config.json', LIMITS.configBytes);
  const config = readModelConfig(configJson, 'config.json');
  const [files, tokenizer] = await Promise.all([openWeightFiles(tree, reader, signal), openTokenizer(tree, config, configJson, reader)]);
  const tensors = new Map<string, StoredTensor>();
  for (const { source, entries } of files) for (const entry of entries) addTensor(tensors, entry, source, config);
  checkTensors(tensors, config, files.length === 1 ? SINGLE : INDEX);
  const sources = files.map((file) => file.source);
  return { name, config, weights: new TensorStore(tensors.values()), tokenizer, sha256: () => identity(configBytes, sources, signal) };
}

interface WeightFile {
  source: ChunkedSource;
  entries: SafetensorsEntry[];
}

/** One model.safetensors, or all the files that its index names. */
async function openWeightFiles(tree: FileTree, reader: LoadReader, signal?: AbortSignal): Promise<WeightFile[]> {
  const openOne = async (found: ByteSource): Promise<WeightFile> => {
    const source = reader.wrap(found);
    reader.report('header', found.name);
    return { source, entries: await readSafetensorsHeader(source, signal) };
  };
  const index = await tree.readSmall(INDEX, LIMITS.safetensorsHeaderBytes);
  if (!index.found) return [await openOne(required(await tree.open(SINGLE)))];
  const fileOf = readIndex(index.found);
  const names = [...new Set(fileOf.values())].sort();
  const opened = await Promise.all(names.map(async (file) => openOne(required(await tree.open(file)))));
  const total = opened.reduce((sum, file) => sum + file.source.sizeBytes, 0);
  if (total > LIMITS.modelBytes)
    throw new LimitError(`${INDEX}: expected at most ${LIMITS.modelBytes} bytes of weights, got ${total}.`, 'Take a smaller model.');
  for (const { source, entries } of opened) {
    for (const { name } of entries) {
      if (fileOf.get(name) !== source.name) {
        throw new FormatError(
          `${source.name}: tensor "${shown(name)}": expected it where ${INDEX} says (${shown(fileOf.get(name) ?? 'nowhere')}), got it here.`,
          'Index and files do not belong together: take all from one place.',
        );
      }
      fileOf.delete(name);
    }
  }
  const [lost] = fileOf;
  if (lost)
    throw new FormatError(
      `${INDEX}: tensor "${shown(lost[0])}": expected it in ${shown(lost[1])}, got nothing.`,
      'Index and files do not belong together: take all from one place.',
    );
  return opened;
}

/** Tensor names and their files. @throws FormatError for a file outside the folder. */
function readIndex(bytes: Uint8Array): Map<string, string> {
  const map = Fields.of(parseJson(bytes, INDEX, LIMITS.safetensorsHeaderBytes), INDEX).object('weight_map');
  const names = map?.names() ?? [];
  if (!map || names.length === 0)
    throw new FormatError(`${INDEX}: field "weight_map": expected tensor names and files, got nothing.`, 'Fetch the file again.');
  if (names.length > LIMITS.tensorCount)
    throw new LimitError(`${INDEX}: expected at most ${LIMITS.tensorCount} tensors, got ${names.length}.`, 'Fetch the file again.');
  const fileOf = new Map(names.map((name) => [name, map.string(name)]));
  for (const [name, file] of fileOf)
    if (!/^[\w.-]+\.safetensors$/.test(file)) throw map.refuse(name, 'the name of a .safetensors file in the same folder');
  if (new Set(fileOf.values()).size > LIMITS.weightFiles)
    throw new LimitError(`${INDEX}: expected at most ${LIMITS.weightFiles} files, got more.`, 'Take a smaller model.');
  return fileOf;
}

function addTensor(tensors: Map<string, StoredTensor>, entry: SafetensorsEntry, source: ByteSource, config: ModelConfig): void {
  const name = canonicalName(entry.name);
  if (name === null || (name === 'lm_head.weight' && config.tiedHead)) return;
  if (entry.dtype !== 'F32' && entry.dtype !== 'F16' && entry.dtype !== 'BF16') {
    throw new FormatError(
      `${source.name}: tensor "${shown(entry.name)}": expected F32, F16 or BF16, got ${entry.dtype}.`,
      'Take the checkpoint in one of these types, or a GGUF of it.',
    );
  }
  if (tensors.has(name))
    throw new FormatError(
      `${source.name}: tensor "${shown(entry.name)}": expected one tensor for ${name}, got two.`,
      'Take another copy of the model.',
    );
  tensors.set(name, {
    name,
    shape: entry.shape,
    storedType: entry.dtype satisfies StoredType,
    sizeBytes: entry.sizeBytes,
    source,
    offset: entry.offset,
  });
}

async function openTokenizer(tree: FileTree, config: ModelConfig, configJson: unknown, reader: LoadReader): Promise<HuggingFaceTokenizer> {
  reader.report('tokenizer', 'tokenizer.json');
  const optional = async (file: string) => (await tree.readSmall(file, LIMITS.configBytes)).found;
  const [json, tokenizerConfig, templateText, templateJson, generation] = await Promise.all([
    tree.readSmall('tokenizer.json', LIMITS.tokenizerBytes),
    optional('tokenizer_config.json'),
    optional('chat_template.jinja'),
    optional('chat_template.json'),
    optional('generation_config.json'),
  ]);
  const settings = tokenizerConfig
    ? Fields.of(parseJson(tokenizerConfig, 'tokenizer_config.json', LIMITS.configBytes), 'tokenizer_config.json')
    : null;
  const specialTokens = readSpecialTokens(settings);
  const generationJson = generation ? parseJson(generation, 'generation_config.json', LIMITS.configBytes) : null;
  const description = readTokenizerJson(
    parseJson(required(json), 'tokenizer.json', LIMITS.tokenizerBytes),
    'tokenizer.json',
    config.vocabSize,
  );
  if (settings) applySettings(description, settings, specialTokens);
  const template = readTemplate(templateText, templateJson, settings, specialTokens);
  const eosId =
    specialTokens.eos_token === undefined
      ? undefined
      : description.addedTokens.find((token) => token.content === specialTokens.eos_token)?.id;
  return new HuggingFaceTokenizer(
    description,
    [...eosIds(configJson), ...eosIds(generationJson), ...(eosId === undefined ? [] : [eosId])],
    template,
  );
}

/** `add_bos_token` and `add_eos_token`, where stated, replace what tokenizer.json puts around a text. */
function applySettings(description: TokenizerDescription, settings: Fields, specialTokens: Record<string, string>): void {
  if (!settings.has('add_bos_token') && !settings.has('add_eos_token')) return;
  const named = (flag: string, name: string) => {
    const content = settings.boolean(flag, false) ? specialTokens[name] : undefined;
    const id =
      content === undefined
        ? undefined
        : (description.addedTokens.find((token) => token.content === content)?.id ?? description.idOf.get(content));
    return content === undefined || id === undefined ? null : { id, content };
  };
  description.postProcessor = surroundingTokens(named('add_bos_token', 'bos_token'), named('add_eos_token', 'eos_token'));
}

/** Contents of `bos_token` and the like; written as text or as an added token's object. */
function readSpecialTokens(settings: Fields | null): Record<string, string> {
  const tokens: Record<string, string> = {};
  for (const name of settings?.names() ?? []) {
    if (!name.endsWith('_token')) continue;
    const value = settings?.raw(name);
    const content = isRecord(value) ? value.content : value;
    if (typeof content === 'string') tokens[name] = content;
  }
  return tokens;
}

/** The chat template from its own file, else from tokenizer_config.json (one, or a list with one named default). */
function readTemplate(
  file: Uint8Array | null,
  legacy: Uint8Array | null,
  settings: Fields | null,
  specialTokens: Record<string, string>,
): ChatTemplate | null {
  if (file) return new ChatTemplate(new TextDecoder().decode(file), 'chat_template.jinja', specialTokens);
  if (legacy) {
    const fields = Fields.of(parseJson(legacy, 'chat_template.json', LIMITS.configBytes), 'chat_template.json');
    return new ChatTemplate(fields.string('chat_template'), 'chat_template.json', specialTokens);
  }
  const value = settings?.raw('chat_template');
  if (value === undefined) return null;
  const listed = Array.isArray(value) ? value.filter(isRecord).find((item) => item.name === 'default')?.template : value;
  if (typeof listed !== 'string')
    throw new FormatError(
      'tokenizer_config.json: field "chat_template": expected text or a list with one named default, got something else.',
      'Take another copy of the model.',
    );
  return new ChatTemplate(listed, 'tokenizer_config.json', specialTokens);
}

function eosIds(json: unknown): number[] {
  const value = isRecord(json) ? json.eos_token_id : undefined;
  return (Array.isArray(value) ? value : [value]).filter((id): id is number => Number.isInteger(id) && (id as number) >= 0);
}
