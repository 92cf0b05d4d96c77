import type { BpeModel } from './bpe-model';

/** A token that is cut out of the text before anything else looks at it. */
export interface AddedToken {
  id: number;
  content: string;
  special: boolean;
  normalized: boolean;
  lstrip: boolean;
  rstrip: boolean;
}

/** Everything that makes a tokenizer, whichever file it came from; the steps are in tokenizer.json's terms. */
export interface TokenizerDescription {
  file: string;
  normalizer: unknown;
  preTokenizer: unknown;
  postProcessor: unknown;
  decoder: unknown;
  addedTokens: AddedToken[];
  /** Token texts by id; ids without a token are holes. */
  tokens: string[];
  idOf: Map<string, number>;
  model: BpeModel;
}

/** A post-processor that puts these tokens before and after a text. */
export function surroundingTokens(before: AddedTokenName | null, after: AddedTokenName | null): unknown {
  const special = [before, after].filter((token) => token !== null);
  const single = [
    ...(before ? [{ SpecialToken: { id: before.content, type_id: 0 } }] : []),
    { Sequence: { id: 'A', type_id: 0 } },
    ...(after ? [{ SpecialToken: { id: after.content, type_id: 0 } }] : []),
  ];
  return {
    type: 'TemplateProcessing',
    single,
    pair: single,
    special_tokens: Object.fromEntries(special.map(({ content, id }) => [content, { id: content, ids: [id], tokens: [content] }])),
  };
}

type AddedTokenName = Pick<AddedToken, 'id' | 'content'>;
