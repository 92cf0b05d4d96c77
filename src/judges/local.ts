import { JudgeError } from '../core/errors';
import { remembered } from '../core/remembered';
import type { Tensor } from '../core/tensor';
import type { Engine, ModelInfo } from '../engine/api';
import { gathered } from './asked';
import { type Judge, type JudgeOptions, type JudgeRow, type ScoreKind, type Scores, tooLongFor, unscored, userTurn } from './judge';
import { DEFAULT_RUBRICS, fillRubric, type Rubrics, rubricList } from './rubrics';
import { type DigitTree, digitTreeScore, expectedScore, MIN_BRANCH, type NumericScore, type TokenProbability } from './scoring';
import type { Validity } from './validity';

/** Rows in one forward pass: a row of logits of a large vocabulary is 600 KB. */
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
  refusal: number[];
  code: number[];
}

/**
 * A loaded chat model, without adapters and edits, asked with a rubric: the expectation of its next token over 0..100,
 * through the digit tree where its tokenizer splits numbers. At most 12 short forward passes a rubric.
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

  private async ask(prompts: number[][], numbers: NumberTokens, signal?: AbortSignal): Promise<NumericScore[]> {
    const first = await this.nextTokens(prompts, signal);
    const candidates = (probabilities: Float64Array): TokenProbability[] => [
      ...(numbers.whole ?? []).map((id, value) => ({ token: String(value), probability: probabilities[id] ?? 0 })),
      { token: 'REFUSAL', probability: massOf(probabilities, numbers.refusal) },
      { token: 'CODE', probability: massOf(probabilities, numbers.code) },
    ];
    if (numbers.whole) return first.map((probabilities) => expectedScore(candidates(probabilities)));

    const digitsOf = (probabilities: Float64Array) => numbers.digits.map((id) => probabilities[id] ?? 0);
    const trees = first.map((probabilities) => {
      const second = new Array<number[] | null>(10).fill(null);
      return { first: digitsOf(probabilities), second, afterTen: null } as {
        first: number[];
        second: Array<number[] | null>;
        afterTen: number[] | null;
      };
    });
    const branches = trees.flatMap((tree, i) =>
      tree.first.flatMap((probability, digit) =>
        probability >= MIN_BRANCH ? [{ tree, digit, ids: [...(prompts[i] as number[]), numbers.digits[digit] as number] }] : [],
      ),
    );
    const second = await this.nextTokens(
      branches.map(({ ids }) => ids),
      signal,
    );
    branches.forEach(({ tree, digit }, i) => {
      tree.second[digit] = digitsOf(second[i] as Float64Array);
    });
    const tens = branches.filter(({ tree, digit }) => digit === 1 && (tree.first[1] as number) * (tree.second[1]?.[0] ?? 0) >= MIN_BRANCH);
    const third = await this.nextTokens(
      tens.map(({ ids }) => [...ids, numbers.digits[0] as number]),
      signal,
    );
    tens.forEach(({ tree }, i) => {
      tree.afterTen = digitsOf(third[i] as Float64Array);
    });
    return trees.map((tree, i) => {
      const result = digitTreeScore(tree satisfies DigitTree);
      if (result.score !== null) return result;
      const { verdict, reason } = expectedScore(candidates(first[i] as Float64Array));
      return verdict ? { ...result, verdict, reason } : result;
    });
  }

  /** Next-token probabilities of each prompt. */
  private async nextTokens(prompts: number[][], signal?: AbortSignal): Promise<Float64Array[]> {
    const { engine, model } = this.request;
    const found: Float64Array[] = [];
    for (let start = 0; start < prompts.length; start += BATCH_ROWS) {
      signal?.throwIfAborted();
      const result = await engine.call(
        'forward',
        { modelId: model.modelId, ids: prompts.slice(start, start + BATCH_ROWS), logits: 'last', adapterScales: {}, interventions: [] },
        { signal },
      );
      if (!result.logits) throw new JudgeError('local judge: expected logits, got none.', 'Load the judge model again.');
      found.push(...softmaxRows(result.logits));
    }
    return found;
  }
}

function massOf(probabilities: Float64Array, ids: readonly number[]): number {
  return ids.reduce((sum, id) => sum + (probabilities[id] ?? 0), 0);
}

/** Rows of `[batch, 1, vocabSize]` as probabilities, in f64. */
function softmaxRows(logits: Tensor): Float64Array[] {
  const width = logits.shape.at(-1) as number;
  return Array.from({ length: logits.data.length / width }, (_, i) => {
    const values = logits.data.subarray(i * width, (i + 1) * width);
    let top = Number.NEGATIVE_INFINITY;
    for (const value of values) top = Math.max(top, value);
    const powers = Float64Array.from(values, (value) => Math.exp(value - top));
    const total = powers.reduce((sum, value) => sum + value, 0);
    return powers.map((value) => value / total);
  });
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
  return { whole, digits, refusal: refusal.slice(0, 1), code: code.slice(0, 1) };
}
