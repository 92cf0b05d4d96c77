import type { Message } from '../core/chat';

/** A loaded tokenizer with its chat template. */
export interface TextTokenizer {
  vocabSize: number;
  encode(text: string, options?: { addSpecialTokens?: boolean }): number[];
  decode(ids: readonly number[], options?: { skipSpecialTokens?: boolean }): string;
  /** Each token's text, such that joined they give the decoded whole (a multi-token character goes to its last token). */
  tokenTexts(ids: readonly number[]): string[];
  isSpecial(id: number): boolean;
  /** Ids that end an answer: eos and the family's end-of-turn tokens. */
  stopTokenIds: number[];
  hasChatTemplate: boolean;
  /** The chat template's text; without a template, the contents joined as a plain continuation. */
  render(messages: readonly Message[], options?: { addGenerationPrompt?: boolean }): string;
  /** Ids of `render`'s text, special tokens written by the template kept and none added twice. */
  encodeRendered(text: string): number[];
}
