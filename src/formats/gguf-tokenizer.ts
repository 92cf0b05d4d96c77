import { FormatError, UnsupportedError } from '../core/errors';
import { LIMITS } from '../core/limits';
import { BpeModel, type MergeOrder } from './bpe-model';
import type { GgufArray } from './gguf-header';
import { type Fields, shown } from './json-fields';
import { ListedMerges, VocabularyMerges } from './merge-order';
import { preTokenizerOf } from './pre-tokenizers';
import { isByteLevel } from './token-decoder';
import { type AddedToken, surroundingTokens, type TokenizerDescription } from './tokenizer-description';
import { addMerge } from './tokenizer-json';

/** GGUF's kinds of token. */
const CONTROL = 3;
const USER_DEFINED = 4;

const TAKE_ANOTHER = 'Take another GGUF of the model, or its Hugging Face folder.';

/** A GGUF's tokenizer, with the names that its chat template uses. */
export interface GgufTokenizer {
  description: TokenizerDescription;
  endIds: number[];
  specialTokens: Record<string, string>;
}

/**
 * Builds the tokenizer that GGUF metadata describes.
 * `gemma` says that the vocabulary's own order is the order of merges, as in Gemma's files; other SentencePiece vocabularies merge by score.
 * @throws FormatError naming the field; UnsupportedError for another kind of tokenizer or pre-tokenizer.
 */
export function readGgufTokenizer(metadata: Fields, modelVocabSize: number, gemma: boolean): GgufTokenizer {
  const kind = metadata.string('tokenizer.ggml.model');
  if (kind !== 'gpt2' && kind !== 'llama') {
    throw new UnsupportedError(
      `${metadata.file}: field "tokenizer.ggml.model": expected gpt2 or llama, got "${shown(kind)}".`,
      TAKE_ANOTHER,
    );
  }
  const stored = readTokens(metadata, modelVocabSize);
  const tokens = kind === 'gpt2' ? stored : stored.map(respelled);
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  const addedTokens = readAdded(metadata, stored, idOf, kind === 'gpt2');
  const idFor = (name: string) => readId(metadata, `tokenizer.ggml.${name}_token_id`, tokens.length);
  const [bos, eos, unknown, padding] = [idFor('bos'), idFor('eos'), idFor('unknown'), idFor('padding')];
  const named = { bos_token: bos, eos_token: eos, unk_token: unknown, pad_token: padding };
  const pre = metadata.string('tokenizer.ggml.pre', 'default');
  const steps = kind === 'gpt2' ? byteLevelSteps(pre, metadata) : sentencePieceSteps(metadata, gemma);
  const addBos = metadata.boolean('tokenizer.ggml.add_bos_token', kind === 'llama' || steps.isLlama3);
  const addEos = metadata.boolean('tokenizer.ggml.add_eos_token', false);
  const surrounding = (id: number | null, wanted: boolean) => (wanted && id !== null ? { id, content: tokens[id] as string } : null);
  return {
    description: {
      file: metadata.file,
      normalizer: steps.normalizer,
      preTokenizer: steps.preTokenizer,
      postProcessor: surroundingTokens(surrounding(bos, addBos), surrounding(eos, addEos)),
      decoder: steps.decoder,
      addedTokens,
      tokens,
      idOf,
      model: new BpeModel({
        tokens,
        idOf,
        order:
          kind === 'gpt2' || metadata.has('tokenizer.ggml.merges')
            ? listedMerges(metadata, idOf)
            : vocabularyMerges(metadata, tokens, idOf, gemma),
        byteFallback: kind === 'llama',
        unknownToken: kind === 'llama' && unknown !== null ? (tokens[unknown] as string) : null,
        fuseUnknown: kind === 'llama',
        ignoreMerges: steps.isLlama3,
      }),
    },
    endIds: [eos, idFor('eot'), idFor('eom')].filter((id) => id !== null),
    specialTokens: Object.fromEntries(Object.entries(named).flatMap(([name, id]) => (id === null ? [] : [[name, tokens[id] as string]]))),
  };
}

interface Steps {
  normalizer: unknown;
  preTokenizer: unknown;
  decoder: unknown;
  isLlama3: boolean;
}

function byteLevelSteps(pre: string, metadata: Fields): Steps {
  const known = preTokenizerOf(pre);
  if (!known) {
    throw new UnsupportedError(
      `${metadata.file}: field "tokenizer.ggml.pre": expected a pre-tokenizer of the Qwen, Llama or GPT-2 kind, got "${shown(pre)}".`,
      TAKE_ANOTHER,
    );
  }
  return { ...known, decoder: { type: 'ByteLevel' } };
}

/** Gemma replaces spaces only; Llama 2 also puts one before each stretch of plain text, which the decoder takes off the front again. */
function sentencePieceSteps(metadata: Fields, gemma: boolean): Steps {
  const prefixed = metadata.boolean('tokenizer.ggml.add_space_prefix', !gemma);
  const replaceSpaces = { type: 'Replace', pattern: { String: ' ' }, content: '\u2581' };
  const decoders: unknown[] = [
    { type: 'Replace', pattern: { String: '\u2581' }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
  ];
  if (prefixed) decoders.push({ type: 'Strip', content: ' ', start: 1, stop: 0 });
  return {
    normalizer: prefixed ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '\u2581' }, replaceSpaces] } : replaceSpaces,
    preTokenizer: null,
    decoder: { type: 'Sequence', decoders },
    isLlama3: false,
  };
}

function readTokens(metadata: Fields, modelVocabSize: number): string[] {
  const tokens = metadata.raw('tokenizer.ggml.tokens');
  if (!isTexts(tokens) || tokens.length === 0) throw metadata.refuse('tokenizer.ggml.tokens', 'a list of texts', TAKE_ANOTHER);
  if (tokens.length > Math.min(modelVocabSize, LIMITS.vocabSize))
    throw metadata.refuse('tokenizer.ggml.tokens', `at most the model's ${modelVocabSize} tokens`, TAKE_ANOTHER);
  return tokens;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Gemma's files hold runs of spaces as spaces, where the vocabulary means U+2581. */
function respelled(token: string): string {
  return /^ {2,}$/.test(token) ? '\u2581'.repeat(token.length) : token;
}

function readAdded(metadata: Fields, stored: readonly string[], idOf: ReadonlyMap<string, number>, byteLevel: boolean): AddedToken[] {
  const types = numbers(metadata, 'tokenizer.ggml.token_type', stored.length);
  if (!types) return [];
  return stored.flatMap((content, id) => {
    const special = types[id] === CONTROL;
    if ((!special && types[id] !== USER_DEFINED) || content === '' || !idOf.has(content)) return [];
    // A control token outside the byte alphabet is a mislabelled one: real ones are written in it.
    if (special && byteLevel && !isByteLevel(content)) return [];
    return [{ id: idOf.get(content) as number, content, special, normalized: false, lstrip: false, rstrip: false }];
  });
}

function numbers(metadata: Fields, field: string, length: number): ArrayLike<number> | null {
  const value = metadata.raw(field) as GgufArray | undefined;
  if (value === undefined) return null;
  const typed = value instanceof Float32Array || value instanceof Int32Array || value instanceof Float64Array;
  if (!typed || value.length !== length) throw metadata.refuse(field, `${length} numbers, one for each token`, TAKE_ANOTHER);
  return value;
}

function listedMerges(metadata: Fields, idOf: ReadonlyMap<string, number>): MergeOrder {
  const merges = metadata.raw('tokenizer.ggml.merges');
  if (!isTexts(merges)) throw metadata.refuse('tokenizer.ggml.merges', 'a list of texts', TAKE_ANOTHER);
  const order = new ListedMerges(merges.length);
  merges.forEach((merge, rank) => {
    const space = merge.indexOf(' ', 1);
    const what = `${metadata.file}: field "tokenizer.ggml.merges[${rank}]"`;
    if (space < 0) throw new FormatError(`${what}: expected two tokens and a space, got "${shown(merge)}".`, TAKE_ANOTHER);
    addMerge(order, idOf, merge.slice(0, space), merge.slice(space + 1), rank, what);
  });
  return order;
}

function vocabularyMerges(metadata: Fields, tokens: readonly string[], idOf: ReadonlyMap<string, number>, gemma: boolean): MergeOrder {
  if (gemma)
    return new VocabularyMerges(
      idOf,
      Int32Array.from(tokens, (_, id) => id),
    );
  const scores = numbers(metadata, 'tokenizer.ggml.scores', tokens.length);
  if (!scores) throw metadata.refuse('tokenizer.ggml.scores', `${tokens.length} numbers, one for each token`, TAKE_ANOTHER);
  const bad = Array.from(scores).findIndex((score) => Number.isNaN(score));
  if (bad >= 0) throw new FormatError(`${metadata.file}: field "tokenizer.ggml.scores[${bad}]": expected a number, got NaN.`, TAKE_ANOTHER);
  const distinct = [...new Set(Array.from(scores))].sort((a, b) => b - a);
  const place = new Map(distinct.map((score, index) => [score, index]));
  return new VocabularyMerges(
    idOf,
    Int32Array.from(tokens, (_, id) => place.get(scores[id] as number) as number),
  );
}

/** A token id, or null where the file names none. */
function readId(metadata: Fields, field: string, count: number): number | null {
  return metadata.has(field) ? metadata.integer(field, 0, count - 1) : null;
}
