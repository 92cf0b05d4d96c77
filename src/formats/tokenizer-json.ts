import { FormatError, UnsupportedError } from '../core/errors';
import { LIMITS } from '../core/limits';
import { BpeModel } from './bpe-model';
import { Fields, isRecord, shown } from './json-fields';
import { ListedMerges } from './merge-order';
import type { AddedToken, TokenizerDescription } from './tokenizer-description';

const TAKE_ANOTHER = 'Take another copy of the model, or a GGUF of it.';

/**
 * Reads tokenizer.json (BPE, byte-level or with byte fallback).
 * @throws FormatError naming the field; UnsupportedError for another kind of model.
 */
export function readTokenizerJson(json: unknown, file: string, modelVocabSize: number): TokenizerDescription {
  const fields = Fields.of(json, file);
  const model = fields.object('model');
  if (!model) throw fields.refuse('model', 'an object', TAKE_ANOTHER);
  refuseOtherModels(model);
  const idOf = readVocabulary(model, modelVocabSize);
  const tokens: string[] = [];
  for (const [token, id] of idOf) tokens[id] = token;
  const addedTokens = readAddedTokens(fields, modelVocabSize);
  const order = readMerges(model, idOf);
  for (const { id, content } of addedTokens) tokens[id] = content;
  return {
    file,
    normalizer: fields.raw('normalizer') ?? null,
    preTokenizer: fields.raw('pre_tokenizer') ?? null,
    postProcessor: fields.raw('post_processor') ?? null,
    decoder: fields.raw('decoder') ?? null,
    addedTokens,
    tokens,
    idOf,
    model: new BpeModel({
      tokens,
      idOf,
      order,
      byteFallback: model.boolean('byte_fallback', false),
      unknownToken: model.has('unk_token') ? model.string('unk_token') : null,
      fuseUnknown: model.boolean('fuse_unk', false),
      ignoreMerges: model.boolean('ignore_merges', false),
    }),
  };
}

function refuseOtherModels(model: Fields): void {
  const type = model.string('type', 'BPE');
  if (type !== 'BPE') throw new UnsupportedError(`${model.file}: field "model.type": expected BPE, got "${shown(type)}".`, TAKE_ANOTHER);
  for (const field of ['continuing_subword_prefix', 'end_of_word_suffix']) {
    if (model.string(field, '') !== '')
      throw new UnsupportedError(`${model.file}: field "model.${field}": expected none, got "${shown(model.raw(field))}".`, TAKE_ANOTHER);
  }
}

/** @throws FormatError unless each token has an id of its own that the model has. */
function readVocabulary(model: Fields, modelVocabSize: number): Map<string, number> {
  const vocab = model.raw('vocab');
  if (!isRecord(vocab)) throw model.refuse('vocab', 'an object of tokens and ids', TAKE_ANOTHER);
  const idOf = new Map<string, number>();
  const seen = new Uint8Array(modelVocabSize);
  for (const token of Object.keys(vocab)) {
    const id = vocab[token];
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= modelVocabSize) {
      throw new FormatError(
        `${model.file}: field "model.vocab", token "${shown(token)}": expected an id below the model's ${modelVocabSize}, got ${shown(id)}.`,
        'The tokenizer belongs to another model: take both from one place.',
      );
    }
    if (seen[id])
      throw new FormatError(
        `${model.file}: field "model.vocab", token "${shown(token)}": expected an id of its own, got ${id} again.`,
        TAKE_ANOTHER,
      );
    seen[id] = 1;
    idOf.set(token, id);
  }
  return idOf;
}

function readMerges(model: Fields, idOf: ReadonlyMap<string, number>): ListedMerges {
  const merges = model.array('merges');
  if (!merges) throw model.refuse('merges', 'a list', TAKE_ANOTHER);
  if (merges.length > 2 * LIMITS.vocabSize) throw model.refuse('merges', `at most ${2 * LIMITS.vocabSize} merges`, TAKE_ANOTHER);
  const order = new ListedMerges(merges.length);
  merges.forEach((merge, rank) => {
    const pair = typeof merge === 'string' ? merge.split(' ') : merge;
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string' || typeof pair[1] !== 'string') {
      throw new FormatError(`${model.file}: field "model.merges[${rank}]": expected a pair of tokens, got ${shown(merge)}.`, TAKE_ANOTHER);
    }
    addMerge(order, idOf, pair[0], pair[1], rank, `${model.file}: field "model.merges[${rank}]"`);
  });
  return order;
}

/** @throws FormatError when a part or the whole is no token. */
export function addMerge(
  order: ListedMerges,
  idOf: ReadonlyMap<string, number>,
  left: string,
  right: string,
  rank: number,
  what: string,
): void {
  const leftId = idOf.get(left);
  const rightId = idOf.get(right);
  const mergedId = idOf.get(left + right);
  if (leftId === undefined || rightId === undefined || mergedId === undefined) {
    const missing = leftId === undefined ? left : rightId === undefined ? right : left + right;
    throw new FormatError(`${what}: expected tokens of the vocabulary, got "${shown(missing)}".`, TAKE_ANOTHER);
  }
  order.add(leftId, rightId, mergedId, rank);
}

/** Added tokens, without those that the model has no embedding for (Gemma 3's image token in its text-only sizes). */
function readAddedTokens(fields: Fields, modelVocabSize: number): AddedToken[] {
  const tokens = fields.array('added_tokens') ?? [];
  return tokens.flatMap((value, index) => {
    const token = Fields.of(value, fields.file, `added_tokens[${index}]`);
    const id = token.integer('id', 0, LIMITS.vocabSize);
    const content = token.string('content');
    const special = token.boolean('special', false);
    if (token.boolean('single_word', false))
      throw new UnsupportedError(`${fields.file}: field "${token.pathOf('single_word')}": expected false, got true.`, TAKE_ANOTHER);
    if (content === '' || id >= modelVocabSize) return [];
    return [
      {
        id,
        content,
        special,
        normalized: token.boolean('normalized', !special),
        lstrip: token.boolean('lstrip', false),
        rstrip: token.boolean('rstrip', false),
      },
    ];
  });
}
