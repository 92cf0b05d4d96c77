import { UnsupportedError } from '../core/errors';
import { Fields, isRecord, shown } from './json-fields';
import { GPT2_SPLIT } from './pre-tokenizers';

const TAKE_ANOTHER = 'Take another copy of the model, or a GGUF of it.';
const MAX_PATTERN = 4_000;
const MAX_STEPS = 32;
/** A repeat of a group that repeats inside itself: what makes a pattern take exponential time. */
const NESTED_REPEAT = /[+*}]\)(?:[+*]|\{\d+(?:,\d*)?\})/;
/** Counts above 16: the tokenizers of these families count to 3, and an engine that unrolls a large count ends its process for want of memory. */
const LARGE_COUNT = /\{\s*(?:\d*\s*,\s*)?(?:1[7-9]|[2-9]\d|\d{3,})/;

/** Checks a normaliser and gives it in the library's terms. @throws FormatError, UnsupportedError naming the field. */
export function checkNormalizer(step: unknown, file: string): unknown {
  return check(step, file, 'normalizer', 'normalizers', (fields, type) => {
    if (['NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase'].includes(type)) return { type };
    if (type === 'Replace') return { type, pattern: readPattern(fields), content: fields.string('content') };
    if (type === 'Prepend') return { type, prepend: fields.string('prepend') };
    if (type === 'Strip') return { type, strip_left: fields.boolean('strip_left', true), strip_right: fields.boolean('strip_right', true) };
    return null;
  });
}

/**
 * Checks a pre-tokenizer and gives it in the library's terms.
 * The library's byte-level step splits by JavaScript's idea of whitespace (U+FEFF in, U+0085 out) and its digits step knows decimal digits
 * only; its Split step goes by Unicode, as transformers does, and stands in for both.
 */
export function checkPreTokenizer(step: unknown, file: string): unknown {
  return check(step, file, 'pre_tokenizer', 'pretokenizers', (fields, type) => {
    if (type === 'Digits') return isolated(fields.boolean('individual_digits', false) ? '\\p{N}' : '\\p{N}+');
    if (type === 'ByteLevel') {
      const prefixed = fields.boolean('add_prefix_space', false);
      const byteLevel = { type, add_prefix_space: prefixed, trim_offsets: true, use_regex: fields.boolean('use_regex', true) };
      if (!byteLevel.use_regex || prefixed) return byteLevel;
      return { type: 'Sequence', pretokenizers: [isolated(GPT2_SPLIT), { ...byteLevel, use_regex: false }] };
    }
    if (type === 'Split') {
      const behavior = fields.string('behavior');
      if (!['Isolated', 'Removed', 'MergedWithPrevious'].includes(behavior))
        throw fields.refuse('behavior', 'Isolated, Removed or MergedWithPrevious', TAKE_ANOTHER);
      return { type, pattern: readPattern(fields), behavior, invert: fields.boolean('invert', false) };
    }
    if (type === 'Metaspace') {
      return {
        type,
        replacement: fields.string('replacement', '\u2581'),
        prepend_scheme: fields.string('prepend_scheme', 'always'),
        split: fields.boolean('split', true),
      };
    }
    return null;
  });
}

/** Checks a post-processor. */
export function checkPostProcessor(step: unknown, file: string): unknown {
  return check(step, file, 'post_processor', 'processors', (fields, type) => {
    if (type === 'ByteLevel') return { type };
    if (type !== 'TemplateProcessing') return null;
    const items = fields.array('single');
    if (!items || items.length > MAX_STEPS) throw fields.refuse('single', 'a list of tokens and the text', TAKE_ANOTHER);
    const single = items.map((item) => {
      if (isRecord(item) && isRecord(item.SpecialToken) && typeof item.SpecialToken.id === 'string')
        return { SpecialToken: { id: item.SpecialToken.id, type_id: 0 } };
      if (isRecord(item) && isRecord(item.Sequence) && item.Sequence.id === 'A') return { Sequence: { id: 'A', type_id: 0 } };
      throw fields.refuse('single', 'a list of tokens and the text', TAKE_ANOTHER);
    });
    return { type, single, pair: single };
  });
}

/** One step, or a sequence of steps one level deep or two. */
function check(
  step: unknown,
  file: string,
  path: string,
  listField: string,
  read: (fields: Fields, type: string) => unknown,
  depth = 0,
): unknown {
  if (step === null || step === undefined) return null;
  const fields = Fields.of(step, file, path);
  const type = fields.string('type');
  if (type === 'Sequence') {
    const steps = fields.array(listField);
    if (!steps || steps.length > MAX_STEPS || depth > 2) throw fields.refuse(listField, `at most ${MAX_STEPS} steps`, TAKE_ANOTHER);
    return {
      type,
      [listField]: steps
        .map((inner, index) => check(inner, file, `${path}.${listField}[${index}]`, listField, read, depth + 1))
        .filter((inner) => inner !== null),
    };
  }
  const known = read(fields, type);
  if (known === null) {
    throw new UnsupportedError(
      `${file}: field "${path}.type": expected a step of the Qwen, Llama or Gemma tokenizers, got "${shown(type)}".`,
      TAKE_ANOTHER,
    );
  }
  return known;
}

function readPattern(fields: Fields): unknown {
  const pattern = fields.object('pattern');
  if (pattern?.has('String')) return { String: pattern.string('String') };
  const source = pattern?.string('Regex');
  if (source === undefined) throw fields.refuse('pattern', 'a text or a pattern', TAKE_ANOTHER);
  if (source.length > MAX_PATTERN || NESTED_REPEAT.test(source) || LARGE_COUNT.test(source)) {
    throw new UnsupportedError(
      `${fields.file}: field "${fields.pathOf('pattern')}": expected a pattern that splits in bounded time, got "${shown(source)}".`,
      TAKE_ANOTHER,
    );
  }
  return { Regex: source };
}

function isolated(pattern: string): unknown {
  return { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false };
}
