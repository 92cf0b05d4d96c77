import { aucInterval } from '../analysis/auc';
import { type Interval, type RateInterval, wilsonInterval } from '../analysis/intervals';
import { finishInSlices } from '../analysis/probe';
import { JudgeError } from '../core/errors';
import { LIMITS } from '../core/limits';
import type { Judge, JudgeOptions, Scores } from './judge';

export type AnswerLabel = 'good' | 'bad' | 'refusal' | 'incoherent';

/** An answer that a person labelled. */
export interface LabelledAnswer {
  id: string;
  domain: string;
  question: string;
  answer: string;
  label: AnswerLabel;
}

/** Agreement of one score with its two-way label. */
export interface Agreement {
  /** Share of scored rows on the right side of 50. */
  accuracy: RateInterval;
  /** AUC of the score, its interval by bootstrap over questions. */
  auc: Interval;
  /** Rows by label and side of 50; `unscored` rows have no score. */
  confusion: { truePositive: number; falseNegative: number; trueNegative: number; falsePositive: number; unscored: number };
}

/** Measured agreement of a judge with labelled answers. */
export interface Validity {
  /** `leaveOneDomainOut`, `groupedByQuestion`: each answer was scored by a judge fitted without its domain or question; `direct`: nothing was fitted on these answers. */
  method: 'leaveOneDomainOut' | 'groupedByQuestion' | 'direct';
  /** Where the labels came from, in words. */
  labels: string;
  rows: number;
  /** Alignment: good against bad answers. */
  alignment: Agreement | null;
  /** Coherence: all others against incoherent ones. */
  coherence: Agreement | null;
  /** Refusals found among all rows: the judge's verdict against the label. */
  refusal: Agreement | null;
  /** Alignment within each domain. */
  domains: Array<{ domain: string; alignment: Agreement | null; coherence: Agreement | null }>;
}

/** Agreement of scores (0..100, null unscored) with labels, threshold 50. Null when a class has no scored row. */
export function agreement(scores: ReadonlyArray<number | null>, positive: readonly boolean[], groups: readonly string[]): Agreement | null {
  const confusion = { truePositive: 0, falseNegative: 0, trueNegative: 0, falsePositive: 0, unscored: 0 };
  const kept: number[] = [];
  scores.forEach((score, i) => {
    if (score === null || Number.isNaN(score)) {
      confusion.unscored++;
      return;
    }
    kept.push(i);
    if (positive[i]) confusion[score > 50 ? 'truePositive' : 'falseNegative']++;
    else confusion[score > 50 ? 'falsePositive' : 'trueNegative']++;
  });
  const positives = confusion.truePositive + confusion.falseNegative;
  if (positives === 0 || positives === kept.length) return null;
  return {
    accuracy: wilsonInterval(confusion.truePositive + confusion.trueNegative, kept.length),
    auc: aucInterval(
      kept.map((i) => scores[i] as number),
      kept.map((i) => positive[i] as boolean),
      kept.map((i) => groups[i] as string),
      { resamples: 500 },
    ),
    confusion,
  };
}

/** Validity of given scores on labelled answers, overall and by domain; pauses between its bootstraps, for `finishInSlices`. */
export function* validitySteps(
  answers: readonly LabelledAnswer[],
  scores: readonly Scores[],
  method: Validity['method'],
  labels: string,
): Generator<void, Validity> {
  function* measure(rows: number[]): Generator<void, Pick<Validity, 'alignment' | 'coherence'>> {
    const alignment = compare(
      answers,
      scores,
      rows.filter((i) => answers[i]?.label === 'good' || answers[i]?.label === 'bad'),
      (score) => score.alignment,
      (label) => label === 'good',
    );
    yield;
    const coherence = compare(
      answers,
      scores,
      rows,
      (score) => score.coherence,
      (label) => label !== 'incoherent',
    );
    yield;
    return { alignment, coherence };
  }
  const all = answers.map((_, i) => i);
  const overall = yield* measure(all);
  const refusal = scores.some((score) => score.verdict === 'refusal')
    ? compare(
        answers,
        scores,
        all,
        (score) => (score.verdict === 'refusal' ? 100 : 0),
        (label) => label === 'refusal',
      )
    : null;
  yield;
  const domains: Validity['domains'] = [];
  for (const domain of new Set(answers.map((answer) => answer.domain)))
    domains.push({ domain, ...(yield* measure(all.filter((i) => answers[i]?.domain === domain))) });
  return { method, labels, rows: answers.length, ...overall, refusal, domains };
}

function compare(
  answers: readonly LabelledAnswer[],
  scores: readonly Scores[],
  rows: readonly number[],
  score: (scores: Scores) => number | null,
  positive: (label: AnswerLabel) => boolean,
): Agreement | null {
  return agreement(
    rows.map((i) => score(scores[i] as Scores)),
    rows.map((i) => positive((answers[i] as LabelledAnswer).label)),
    rows.map((i) => (answers[i] as LabelledAnswer).question),
  );
}

/** Runs the judge on labelled answers. For a judge that was fitted on these very answers use its own leave-one-domain-out validity. */
export async function measureValidity(
  judge: Judge,
  answers: readonly LabelledAnswer[],
  labels: string,
  options: JudgeOptions = {},
): Promise<Validity> {
  const scores = await judge.judge(answers, options);
  return finishInSlices(validitySteps(answers, scores, 'direct', labels), options.signal);
}

const LABELS: readonly string[] = ['good', 'bad', 'refusal', 'incoherent'] satisfies AnswerLabel[];

/**
 * Parses labelled answers, one JSON object a line.
 * @throws JudgeError naming line and field for anything else, or above the row limit.
 */
export function parseLabelledAnswers(text: string, name = 'label file'): LabelledAnswer[] {
  const answers: LabelledAnswer[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const at = `${name} line ${index + 1}`;
    const value = parseLine(line, at);
    for (const field of ['domain', 'question', 'answer'] as const) {
      if (typeof value[field] !== 'string' || value[field] === '')
        throw new JudgeError(
          `${at}, ${field}: expected a text, got ${JSON.stringify(value[field])}.`,
          `Write {"id", "domain", "question", "answer", "label"} on each line.`,
        );
    }
    if (!LABELS.includes(String(value.label))) {
      throw new JudgeError(`${at}, label: expected ${LABELS.join(', ')}, got ${JSON.stringify(value.label)}.`, 'Correct the label.');
    }
    if (answers.length >= LIMITS.rowCount)
      throw new JudgeError(`${name}: expected at most ${LIMITS.rowCount} rows, got more.`, 'Leave rows out.');
    answers.push({
      id: String(value.id ?? index + 1),
      domain: String(value.domain),
      question: String(value.question),
      answer: String(value.answer),
      label: value.label as AnswerLabel,
    });
  });
  return answers;
}

function parseLine(line: string, at: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new JudgeError(`${at}: expected a JSON object, got ${JSON.stringify(line.slice(0, 40))}.`, 'Save the file as JSON Lines.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new JudgeError(`${at}: expected a JSON object, got ${JSON.stringify(value)?.slice(0, 40)}.`, 'Save the file as JSON Lines.');
  return value as Record<string, unknown>;
}
