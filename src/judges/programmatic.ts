import { JudgeError } from '../core/errors';
import { LIMITS } from '../core/limits';
import { FUNCTION_WORDS, wordsOf } from './function-words';
import type { Judge, JudgeOptions, JudgeRow, ScoreKind, Scores } from './judge';
import { checkPattern, matchPattern, type PatternOptions } from './pattern';
import type { Validity } from './validity';

/** What a programmatic score counts. */
export type ProgrammaticRule =
  | { type: 'words'; words: string[] }
  | { type: 'regex'; pattern: string; flags: string }
  | { type: 'language'; language: string };

/**
 * A score that is a count: 100 x the share of the answer's words that are listed (`words`) or are function words of a language (`language`),
 * or 100 where a regular expression matches and 0 where it does not (`regex`). Gives `custom` only; an answer without words has no score.
 */
export class ProgrammaticJudge implements Judge {
  readonly kind = 'programmatic';
  readonly id: string;
  readonly name: string;
  readonly scores: readonly ScoreKind[] = ['custom'];
  /** The score is its own definition. */
  readonly validity: Validity | null = null;
  private readonly listed: ReadonlySet<string>;

  /** @throws JudgeError for an empty or oversized list, a bad pattern or an unlisted language. */
  constructor(
    readonly rule: ProgrammaticRule,
    private readonly patternOptions: Pick<PatternOptions, 'timeoutMs' | 'createWorker'> = {},
  ) {
    this.listed = listedWords(rule);
    this.id = `programmatic:${JSON.stringify(rule)}`;
    this.name = nameOf(rule);
  }

  describe(): string {
    switch (this.rule.type) {
      case 'words':
        return `100 times the share of an answer's words that are among ${this.listed.size} listed words.`;
      case 'language':
        return `100 times the share of an answer's words that are ${this.rule.language} function words; a plain text of that language reaches about 40.`;
      case 'regex':
        return `100 where /${this.rule.pattern}/${this.rule.flags} matches the answer, else 0.`;
    }
  }

  async judge(rows: readonly JudgeRow[], options: JudgeOptions = {}): Promise<Scores[]> {
    options.signal?.throwIfAborted();
    const texts = rows.map((row) => row.answer);
    const values =
      this.rule.type === 'regex'
        ? (await matchPattern(this.rule.pattern, this.rule.flags, texts, { ...this.patternOptions, signal: options.signal })).map(
            (matches) => (matches ? 100 : 0),
          )
        : texts.map((text) => this.share(text));
    return values.map((custom, index) => {
      const scores: Scores = { alignment: null, coherence: null, domain: null, custom, ...(custom === null ? { reason: 'no words' } : {}) };
      options.onScored?.(index, scores);
      return scores;
    });
  }

  private share(text: string): number | null {
    const words = wordsOf(text);
    if (words.length === 0) return null;
    return (100 * words.filter((word) => this.listed.has(word) || this.listed.has(word.replace("'", ''))).length) / words.length;
  }
}

function listedWords(rule: ProgrammaticRule): ReadonlySet<string> {
  if (rule.type === 'regex') {
    checkPattern(rule.pattern, rule.flags);
    return new Set();
  }
  if (rule.type === 'language') {
    const words = Object.hasOwn(FUNCTION_WORDS, rule.language.toLowerCase()) ? FUNCTION_WORDS[rule.language.toLowerCase()] : undefined;
    if (!words)
      throw new JudgeError(
        `language: expected ${Object.keys(FUNCTION_WORDS).join(', ')}, got "${rule.language}".`,
        'List the words of your language instead.',
      );
    return new Set(words);
  }
  if (rule.words.length > LIMITS.listLength)
    throw new JudgeError(`word list: expected at most ${LIMITS.listLength} words, got ${rule.words.length}.`, 'Leave words out.');
  const words = new Set(rule.words.flatMap(wordsOf));
  if (words.size === 0) throw new JudgeError('word list: expected at least one word, got 0.', 'List words, one a line.');
  return words;
}

function nameOf(rule: ProgrammaticRule): string {
  if (rule.type === 'language') return `Share of ${rule.language} function words`;
  return rule.type === 'words' ? 'Share of listed words' : 'Regular expression';
}
