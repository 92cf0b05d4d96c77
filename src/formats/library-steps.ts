import { isRecord } from './json-fields';
import { GPT2_SPLIT } from './pre-tokenizers';

/**
 * A pre-tokenizer as the library runs it rightly.
 * Its byte-level step splits by JavaScript's idea of whitespace (U+FEFF in, U+0085 out) and its digits step knows decimal digits only;
 * its Split step goes by Unicode, as transformers does.
 */
export function adaptPreTokenizer(step: unknown): unknown {
  if (!isRecord(step)) return step;
  if (step.type === 'Sequence' && Array.isArray(step.pretokenizers))
    return { ...step, pretokenizers: step.pretokenizers.map(adaptPreTokenizer) };
  if (step.type === 'Digits') return isolated(step.individual_digits === true ? '\\p{N}' : '\\p{N}+');
  if (step.type !== 'ByteLevel' || step.use_regex === false || step.add_prefix_space === true) return step;
  return { type: 'Sequence', pretokenizers: [isolated(GPT2_SPLIT), { ...step, use_regex: false }] };
}

function isolated(pattern: string): unknown {
  return { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false };
}
