import { Tokenizer } from '@huggingface/tokenizers';
import type { Message } from '../core/chat';
import { ArgumentError, FormatError, UnsupportedError } from '../core/errors';
import type { ChatTemplate } from './chat-template';
import type { TextTokenizer } from './text-tokenizer';
import { type DecoderKind, decodeTokens, readDecoderKind } from './token-decoder';
import type { TokenizerDescription } from './tokenizer-description';
import { checkNormalizer, checkPostProcessor, checkPreTokenizer } from './tokenizer-steps';

const TAKE_ANOTHER = 'Take another copy of the model, or a GGUF of it.';

/** Tokens that end a turn in the listed families; they stop an answer where the vocabulary has them as special tokens. */
const END_OF_TURN = ['<|im_end|>', '<|endoftext|>', '<end_of_turn>', '<|eot_id|>', '<|eom_id|>', '<|end_of_text|>'];

/**
 * A tokenizer of the listed families.
 * The Hugging Face library cuts, normalises and pre-tokenizes; merging and decoding are Vane's own: they hold large vocabularies in typed
 * arrays and give each token's text such that joined they are the decoded whole.
 */
export class HuggingFaceTokenizer implements TextTokenizer {
  readonly vocabSize: number;
  readonly stopTokenIds: number[];
  readonly hasChatTemplate: boolean;
  private readonly library: Tokenizer;
  private readonly decoder: DecoderKind;
  private readonly tokens: readonly string[];
  private readonly specialIds: ReadonlySet<number>;

  /** @throws FormatError, UnsupportedError naming file and field for steps that this engine does not know. */
  constructor(
    description: TokenizerDescription,
    endIds: readonly number[],
    private readonly template: ChatTemplate | null,
  ) {
    const { file, tokens, addedTokens } = description;
    const decoder = readDecoderKind(description.decoder);
    if (!decoder)
      throw new UnsupportedError(`${file}: field "decoder": expected a byte-level or SentencePiece decoder, got another.`, TAKE_ANOTHER);
    this.decoder = decoder;
    this.tokens = tokens;
    this.library = buildLibrary(description);
    this.vocabSize = tokens.length;
    this.specialIds = new Set(addedTokens.filter((token) => token.special).map((token) => token.id));
    this.hasChatTemplate = template !== null;
    const turnEnds = addedTokens.filter((token) => token.special && END_OF_TURN.includes(token.content)).map((token) => token.id);
    this.stopTokenIds = [...new Set([...endIds, ...turnEnds])].filter((id) => id < tokens.length).sort((a, b) => a - b);
  }

  encode(text: string, options: { addSpecialTokens?: boolean } = {}): number[] {
    const { ids } = this.library.encode(text, { add_special_tokens: options.addSpecialTokens ?? true });
    // A post-processor may name a token that the vocabulary lacks.
    return ids.filter((id) => id !== undefined);
  }

  decode(ids: readonly number[], options: { skipSpecialTokens?: boolean } = {}): string {
    return this.tokenTexts(options.skipSpecialTokens ? ids.filter((id) => !this.isSpecial(id)) : ids).join('');
  }

  tokenTexts(ids: readonly number[]): string[] {
    for (const id of ids) {
      if (!Number.isInteger(id) || id < 0)
        throw new ArgumentError(`token id: expected a whole number of 0 or more, got ${id}.`, 'Pass ids from tokenize().');
    }
    return decodeTokens(
      ids.map((id) => this.tokens[id] ?? ''),
      this.decoder,
    );
  }

  isSpecial(id: number): boolean {
    return this.specialIds.has(id);
  }

  render(messages: readonly Message[], options: { addGenerationPrompt?: boolean } = {}): string {
    if (!this.template) return messages.map((message) => message.content).join('\n\n');
    return this.template.render(messages, options.addGenerationPrompt ?? true);
  }

  encodeRendered(text: string): number[] {
    return this.encode(text, { addSpecialTokens: !this.template });
  }
}

/** The library's pipeline around our own model. */
function buildLibrary(description: TokenizerDescription): Tokenizer {
  const { file, addedTokens, tokens, idOf, model } = description;
  const steps = {
    normalizer: checkNormalizer(description.normalizer, file),
    preTokenizer: checkPreTokenizer(description.preTokenizer, file),
    postProcessor: checkPostProcessor(description.postProcessor, file),
  };
  try {
    const library = new Tokenizer(
      {
        normalizer: steps.normalizer,
        pre_tokenizer: steps.preTokenizer,
        post_processor: steps.postProcessor,
        decoder: null,
        added_tokens: addedTokens,
        model: { type: 'BPE', vocab: {}, merges: [] },
      },
      { clean_up_tokenization_spaces: false },
    );
    if (!library.model) throw new Error('no model');
    library.model.tokens_to_ids = idOf;
    library.model.vocab = tokens;
    library.model.encode = (pieces) => pieces.flatMap((piece) => model.encode(piece).map((id) => tokens[id] as string));
    return library;
  } catch (error) {
    throw new FormatError(
      `${file}: expected tokenizer steps that this engine knows, got: ${error instanceof Error ? error.message : error}.`,
      TAKE_ANOTHER,
    );
  }
}
