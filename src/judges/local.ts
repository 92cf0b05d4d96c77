import { JudgeError } from '../core/errors';
import { remembered } from '../core/remembered';
import type { Engine, ModelInfo } from '../engine/api';
import { gathered } from './asked';
import { type Judge, type JudgeOptions, type JudgeRow, type ScoreKind, type Scores, tooLongFor, unscored, userTurn } from './judge';
import { DEFAULT_RUBRICS, fillRubric, type Rubrics, rubricList } from './rubrics';
import { digitTreeScore, expectedScore, type NumericScore, type TokenProbability } from './scoring';
import type { Validity } from './validity';

/** Prompts of one request: scores appear that often, and a cancel waits for no more. */
const BATCH_ROWS = 8;

export interface LocalJudgeRequest {
  engine: Engine;
  model: Pick<ModelInfo, 'modelId' | 'name' | 'contextLength' | 'sha256'>;
  rubrics?: Rubrics;
  validity?: Validity | null;
}

/** How a tokenizer writes numbers. */
interface NumberTokens {
  /** Token of each integer 0..100, where every one has a token of its own. */
  whole: number[] | null;
  digits: number[];
  /** First token of each word. */
  refusal: number;
  code: number;
}

/**
 * A loaded chat model, without adapters and edits, asked with a rubric: the expectation of its next token over 0..100,
 * through the digit tree where its tokenizer splits numbers. Each filled rubric is read once; the tree goes on from there.
 * Small models judge poorly when asked; measure it before trusting it.
 */
export class LocalJudge implements Judge {
  readonly kind = 'local';
  readonly id: string;
  readonly name: string;
  readonly scores: readonly ScoreKind[];
  readonly validity: Validity | null;
  private readonly rubrics: ReturnType<typeof rubricList>;
  private readonly numbers: () => Promise<NumberTokens>;

  constructor(private readonly request: LocalJudgeRequest) {
    this.numbers = remembered(() => numberTokens(request.engine, request.model.modelId));
    this.rubrics = rubricList(request.rubrics ?? DEFAULT_RUBRICS);
    if (this.rubrics.length === 0) throw new JudgeError('local judge: expected at least one rubric, got 0.', 'Write a rubric.');
    this.scores = [...new Set(this.rubrics.map((rubric) => rubric.score))];
    this.name = `${request.model.name}, asked`;
    this.id = `local:${request.model.sha256 || request.model.name}:${JSON.stringify(this.rubrics)}`;
    this.validity = request.validity ?? null;
  }

  describe(): string {
    return `${this.request.model.name}, without adapters and edits, is asked for a number from 0 to 100 for ${this.scores.join(' and ')}; the score is the expectation over its next token.`;
  }

  async judge(rows: readonly JudgeRow[], options: JudgeOptions = {}): Promise<Scores[]> {
    const { engine, model } = this.request;
    const numbers = await this.numbers();
    const all: Scores[] = [];
    const perBatch = Math.max(1, Math.floor(BATCH_ROWS / this.rubrics.length));
    for (let start = 0; start < rows.length; start += perBatch) {
      options.signal?.throwIfAborted();
      const batch = rows.slice(start, start + perBatch);
      const prompts = await engine.call(
        'encodeChat',
        {
          modelId: model.modelId,
          rows: batch.flatMap((row) =>
            this.rubrics.map((rubric) => ({ messages: [userTurn(fillRubric(rubric.text, row.question, row.answer))] })),
          ),
        },
        { signal: options.signal },
      );
      const fits = prompts.map(({ promptIds }) => promptIds.length + 3 <= model.contextLength);
      const asked = prompts.filter((_, i) => fits[i]).map(({ promptIds }) => promptIds);
      const answers = await this.ask(asked, numbers, options.signal);
      let next = 0;
      const results = fits.map((fit) => (fit ? (answers[next++] as NumericScore) : null));
      batch.forEach((_, k) => {
        const own = results.slice(k * this.rubrics.length, (k + 1) * this.rubrics.length);
        const complete = own.filter((result): result is NumericScore => result !== null);
        const scores = complete.length === own.length ? gathered(this.rubrics, complete) : unscored(tooLongFor(model.contextLength));
        all.push(scores);
        options.onScored?.(start + k, scores);
      });
    }
    return all;
  }

  /** Each prompt is read once, and every branch of the digit tree from there. */
  private async ask(prompts: number[][], numbers: NumberTokens, signal?: AbortSignal): Promise<NumericScore[]> {
    if (prompts.length === 0) return [];
    const { digits, refusal, code } = numbers;
    const counted = numbers.whole ?? digits;
    const [one, zero] = [digits[1] as number, digits[0] as number];
    const continuations = numbers.whole ? [] : [...digits.map((digit) => [digit]), [one, zero]];
    const wanted = [...counted, refusal, code];
    const { data } = await this.request.engine.call(
      'nextTokens',
      { modelId: this.request.model.modelId, prompts, continuations, wanted, adapterScales: {}, interventions: [] },
      { signal },
    );
    const places = 1 + continuations.length;
    return prompts.map((_, row) => {
      const after = (place: number) => [
        ...data.subarray((row * places + place) * wanted.length, (row * places + place + 1) * wanted.length),
      ];
      const first = after(0);
      const words = [
        { token: 'REFUSAL', probability: first[counted.length] ?? 0 },
        { token: 'CODE', probability: first[counted.length + 1] ?? 0 },
      ];
      if (numbers.whole) return expectedScore([...wholeNumbers(first), ...words]);
      const digitsAt = (place: number) => after(place).slice(0, digits.length);
      const result = digitTreeScore({
        first: digitsAt(0),
        second: digits.map((_, digit) => digitsAt(1 + digit)),
        afterTen: digitsAt(1 + digits.length),
      });
      if (result.score !== null) return result;
      const { verdict, reason } = expectedScore(words);
      return verdict ? { ...result, verdict, reason } : result;
    });
  }
}

/** The integers 0..100 with their tokens' probabilities, which stand first in `values`. */
function wholeNumbers(values: readonly number[]): TokenProbability[] {
  return Array.from({ length: 101 }, (_, value) => ({ token: String(value), probability: values[value] ?? 0 }));
}

/** Asks the tokenizer how it writes 0..9, 0..100, REFUSAL and CODE. @throws JudgeError when digits have no tokens. */
async function numberTokens(engine: Engine, modelId: string): Promise<NumberTokens> {
  const idsOf = async (text: string) => (await engine.call('tokenize', { modelId, text, addSpecialTokens: false })).ids;
  const pieces = await Promise.all(Array.from({ length: 101 }, (_, value) => idsOf(String(value))));
  const digits = pieces.slice(0, 10).map((ids) => ids.at(-1) as number);
  if (new Set(digits).size < 10 || pieces.some((ids) => ids.length === 0)) {
    throw new JudgeError('local judge: expected a token for each digit, got fewer.', 'Choose another judge model, or the read-out judge.');
  }
  const whole =
    pieces.every((ids) => ids.length === 1) && new Set(pieces.map(([id]) => id)).size === 101 ? pieces.map(([id]) => id as number) : null;
  const [refusal, code] = await Promise.all([idsOf('REFUSAL'), idsOf('CODE')]);
  return { whole, digits, refusal: refusal[0] as number, code: code[0] as number };
}
