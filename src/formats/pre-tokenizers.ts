/** Steps before the merges of a byte-level vocabulary, in tokenizer.json's terms. */
export interface ByteLevelSteps {
  normalizer: unknown;
  preTokenizer: unknown;
  /** Llama 3 takes a piece that is a token whole, and begins texts with its bos token. */
  isLlama3: boolean;
}

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const REST = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
const WORD = '[^\\r\\n\\p{L}\\p{N}]?\\p{L}+';
/** Splits of the vocabularies that these families were trained with. @source the models' tokenizer.json files */
const QWEN2_SPLIT = `${CONTRACTIONS}|${WORD}|\\p{N}|${REST}`;
const LLAMA3_SPLIT = `${CONTRACTIONS}|${WORD}|\\p{N}{1,3}|${REST}`;
const UPPER = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
const LOWER = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';
const TEKKEN_SPLIT = `[^\\r\\n\\p{L}\\p{N}]?${UPPER}*${LOWER}+|[^\\r\\n\\p{L}\\p{N}]?${UPPER}+${LOWER}*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

/** GPT-2's split, which a byte-level step stands for when it splits itself. */
export const GPT2_SPLIT = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
const GPT2_BYTE_LEVEL = { ...BYTE_LEVEL, use_regex: true };

function split(pattern: string): unknown {
  return {
    type: 'Sequence',
    pretokenizers: [{ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false }, BYTE_LEVEL],
  };
}

const KINDS: Readonly<Record<string, ByteLevelSteps>> = {
  gpt2: { normalizer: null, preTokenizer: GPT2_BYTE_LEVEL, isLlama3: false },
  qwen2: { normalizer: { type: 'NFC' }, preTokenizer: split(QWEN2_SPLIT), isLlama3: false },
  llama3: { normalizer: null, preTokenizer: split(LLAMA3_SPLIT), isLlama3: true },
  /** Llama 3's split in vocabularies that are otherwise of GPT-2's kind. */
  llama3Split: { normalizer: null, preTokenizer: split(LLAMA3_SPLIT), isLlama3: false },
  tekken: { normalizer: null, preTokenizer: split(TEKKEN_SPLIT), isLlama3: false },
  digits: {
    normalizer: null,
    preTokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, GPT2_BYTE_LEVEL] },
    isLlama3: false,
  },
};

/** The kinds above by the names that llama.cpp gives the vocabularies. */
const KIND_OF_NAME: Readonly<Record<string, keyof typeof KINDS>> = {
  default: 'gpt2',
  'gpt-2': 'gpt2',
  gpt2: 'gpt2',
  qwen2: 'qwen2',
  'deepseek-r1-qwen': 'qwen2',
  megrez: 'qwen2',
  llama3: 'llama3',
  'llama-v3': 'llama3',
  'llama-bpe': 'llama3',
  'smaug-bpe': 'llama3Split',
  dbrx: 'llama3Split',
  falcon3: 'llama3Split',
  pixtral: 'llama3Split',
  tekken: 'tekken',
  smollm: 'digits',
  starcoder: 'digits',
  refact: 'digits',
  'command-r': 'digits',
};

/** Steps for a GGUF's `tokenizer.ggml.pre`, or null for one that the listed families do not use. */
export function preTokenizerOf(name: string): ByteLevelSteps | null {
  const kind = Object.hasOwn(KIND_OF_NAME, name) ? KIND_OF_NAME[name] : undefined;
  return kind ? (KINDS[kind] ?? null) : null;
}
