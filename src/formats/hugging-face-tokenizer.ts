import { Tokenizer } from '@huggingface/tokenizers';
import type { Message } from '../core/chat';
import { ArgumentError, FormatError, UnsupportedError } from '../core/errors';
import { LIMITS } from '../core/limits';
import type { ChatTemplate } from './chat-template';
import { Fields, isRecord, shown } from './json-fields';
import type { TextTokenizer } from './text-tokenizer';
import { byteLevelBytes, type DecoderKind, fallbackByte, readDecoderKind, splitUtf8 } from './token-decoder';

const TAKE_ANOTHER = 'Take another copy of the model, or one in GGUF.';

export interface TokenizerParts {
  /** tokenizer.json's content. */
  json: unknown;
  file: string;
  /** Size of the model's embedding: ids beyond it cannot be run. */
  modelVocabSize: number;
  stopTokenIds: readonly number[];
  /** Contents of the named special tokens, such as `eos_token`. */
  specialTokens: Readonly<Record<string, string>>;
  template: ChatTemplate | null;
}

/** Tokens that end a turn in the listed families; they stop an answer where the vocabulary has them as special tokens. */
const END_OF_TURN = ['<|im_end|>', '<|endoftext|>', '<end_of_turn>', '<|eot_id|>', '<|eom_id|>', '<|end_of_text|>', '<eos>', '</s>'];

/** A tokenizer.json run by the Hugging Face library, with decoding by bytes so that token texts join to the whole. */
export class HuggingFaceTokenizer implements TextTokenizer {
  readonly vocabSize: number;
  readonly stopTokenIds: number[];
  readonly hasChatTemplate: boolean;
  private readonly library: Tokenizer;
  private readonly decoderKind: DecoderKind;
  private readonly added = new Map<number, { content: string; special: boolean }>();
  private readonly template: ChatTemplate | null;

  /** @throws FormatError, UnsupportedError naming file and field. */
  constructor(parts: TokenizerParts) {
    const { file } = parts;
    const json = Fields.of(parts.json, file);
    const added = readAddedTokens(json, parts.modelVocabSize);
    for (const token of added) this.added.set(token.id, token);
    checkModel(json, parts.modelVocabSize);
    const decoderKind = readDecoderKind(json.raw('decoder'));
    if (!decoderKind)
      throw new UnsupportedError(`${file}: field "decoder": expected a byte-level or SentencePiece decoder, got another.`, TAKE_ANOTHER);
    this.decoderKind = decoderKind;
    try {
      this.library = new Tokenizer(
        { ...(parts.json as Record<string, unknown>), added_tokens: added },
        { clean_up_tokenization_spaces: false },
      );
    } catch (error) {
      throw new FormatError(
        `${file}: expected a tokenizer that this engine knows, got: ${error instanceof Error ? error.message : error}.`,
        TAKE_ANOTHER,
      );
    }
    this.vocabSize = this.library.get_vocab(true).size;
    this.template = parts.template;
    this.hasChatTemplate = parts.template !== null;
    const ends = [...this.added.entries()].filter(([, token]) => token.special && END_OF_TURN.includes(token.content)).map(([id]) => id);
    this.stopTokenIds = [...new Set([...parts.stopTokenIds, ...ends])].filter((id) => id < parts.modelVocabSize).sort((a, b) => a - b);
  }

  encode(text: string, options: { addSpecialTokens?: boolean } = {}): number[] {
    const { ids } = this.library.encode(text, { add_special_tokens: options.addSpecialTokens ?? true });
    return ids.filter((id) => id !== undefined);
  }

  decode(ids: readonly number[], options: { skipSpecialTokens?: boolean } = {}): string {
    const kept = options.skipSpecialTokens ? ids.filter((id) => !this.isSpecial(id)) : ids;
    return this.tokenTexts(kept).join('');
  }

  tokenTexts(ids: readonly number[]): string[] {
    const texts = splitUtf8(ids.map((id) => this.tokenBytes(id)));
    let strip = this.decoderKind.strippedSpaces;
    for (let i = 0; i < texts.length && strip > 0; i++) {
      const text = texts[i] as string;
      const spaces = Math.min(strip, text.length - text.replace(/^ +/, '').length);
      texts[i] = text.slice(spaces);
      strip = spaces === text.length ? strip - spaces : 0;
    }
    return texts;
  }

  isSpecial(id: number): boolean {
    return this.added.get(id)?.special ?? false;
  }

  render(messages: readonly Message[], options: { addGenerationPrompt?: boolean } = {}): string {
    if (!this.template) return messages.map((message) => message.content).join('\n\n');
    return this.template.render(messages, options.addGenerationPrompt ?? true);
  }

  encodeRendered(text: string): number[] {
    return this.encode(text, { addSpecialTokens: !this.template });
  }

  private tokenBytes(id: number): Uint8Array {
    const added = this.added.get(id);
    if (added) return new TextEncoder().encode(added.content);
    const token = Number.isInteger(id) ? this.library.id_to_token(id) : undefined;
    if (token === undefined) {
      if (Number.isInteger(id) && id >= 0) return new Uint8Array(0);
      throw new ArgumentError(`token id: expected a whole number of 0 or more, got ${id}.`, 'Pass ids from tokenize().');
    }
    if (this.decoderKind.kind === 'byteLevel') return byteLevelBytes(token);
    const byte = this.decoderKind.kind === 'sentencePiece' ? fallbackByte(token) : null;
    if (byte !== null) return Uint8Array.of(byte);
    return new TextEncoder().encode(this.decoderKind.kind === 'sentencePiece' ? token.replaceAll('\u2581', ' ') : token);
  }
}

/** Added tokens, without those that the model has no embedding for (Gemma 3's image token in its text-only sizes). */
function readAddedTokens(json: Fields, modelVocabSize: number): Array<{ id: number; content: string; special: boolean }> {
  const tokens = json.array('added_tokens') ?? [];
  return tokens.flatMap((value, index) => {
    const token = Fields.of(value, json.file, `added_tokens[${index}]`);
    const id = token.integer('id', 0, LIMITS.vocabSize);
    const content = token.string('content');
    if (content === '' || id >= modelVocabSize) return [];
    return [{ ...(isRecord(value) ? value : {}), id, content, special: token.boolean('special', false) }];
  });
}

/** @throws FormatError unless the vocabulary is a map of distinct ids that the model has, and the merges are pairs of it. */
function checkModel(json: Fields, modelVocabSize: number): void {
  const model = json.object('model');
  if (!model) throw json.refuse('model', 'an object', TAKE_ANOTHER);
  const type = model.string('type', 'BPE');
  if (type !== 'BPE') throw new UnsupportedError(`${json.file}: field "model.type": expected BPE, got "${shown(type)}".`, TAKE_ANOTHER);
  const vocab = model.raw('vocab');
  if (!isRecord(vocab)) throw model.refuse('vocab', 'an object of tokens and ids', TAKE_ANOTHER);
  const seen = new Uint8Array(modelVocabSize);
  for (const token of Object.keys(vocab)) {
    const id = vocab[token];
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= modelVocabSize) {
      throw new FormatError(
        `${json.file}: field "model.vocab", token "${shown(token)}": expected an id below the model's ${modelVocabSize}, got ${shown(id)}.`,
        'The tokenizer belongs to another model: take both from one place.',
      );
    }
    if (seen[id])
      throw new FormatError(
        `${json.file}: field "model.vocab", token "${shown(token)}": expected an id of its own, got ${id} again.`,
        TAKE_ANOTHER,
      );
    seen[id] = 1;
  }
  const merges = model.array('merges');
  if (!merges) throw model.refuse('merges', 'a list', TAKE_ANOTHER);
  if (merges.length > 2 * LIMITS.vocabSize) throw model.refuse('merges', `at most ${2 * LIMITS.vocabSize} merges`, TAKE_ANOTHER);
  const bad = merges.findIndex(
    (merge) =>
      !(typeof merge === 'string'
        ? merge.includes(' ')
        : Array.isArray(merge) && merge.length === 2 && merge.every((part) => typeof part === 'string')),
  );
  if (bad >= 0)
    throw new FormatError(
      `${json.file}: field "model.merges[${bad}]": expected a pair of tokens, got ${shown(merges[bad])}.`,
      TAKE_ANOTHER,
    );
}
