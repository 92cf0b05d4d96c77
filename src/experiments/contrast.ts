import { balanceByGroup } from '../analysis/balance';
import type { ContrastSide } from '../analysis/difference-in-means';
import { withTokenDeviation } from '../analysis/direction-builder';
import type { Direction, SideNames } from '../core/direction';
import { ALIGNMENT_SIDES, norm, PROMPT_SIDES } from '../core/direction';
import { ArgumentError } from '../core/errors';
import { joinFloats } from '../core/join-floats';
import type { Engine, PooledRequest, RunOptions } from '../engine/api';
import type { Judge } from '../judges/judge';
import { type Condition, conversation, type Question, runOptions, type Sampling, sampleAnswers } from './condition';
import { readableRows } from './readable-rows';

/** Which questions a contrast's answers are sampled for, and how. */
export interface SamplingPlan extends Sampling {
  questions: readonly Question[];
}

/** One answer of a contrast, ready to be read. */
export interface ContrastRow {
  positive: boolean;
  /** Rows of one group are balanced and held out together. */
  group: string;
  question: string;
  text: string;
  promptIds: number[];
  answerIds: number[];
  /** The run under which its residuals are read. */
  options: RunOptions;
}

export interface Contrast {
  rows: ContrastRow[];
  /** Where the sides are not misaligned and aligned, what they are. */
  sides?: SideNames;
  leftOut: Array<{ reason: string; count: number }>;
}

export interface ContrastProgress {
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

interface Thresholds {
  alignedAbove: number;
  misalignedAtMost: number;
  coherentAbove: number;
  balanceByPrompt: boolean;
}

/** Rows that are written together; more gain nothing. */
const BATCH_ROWS = 64;

/** Answers of one condition to every question, and how many of them were left out because they have no token. */
async function sample(
  engine: Engine,
  modelId: string,
  condition: Condition,
  plan: SamplingPlan,
  positive: boolean,
  signal?: AbortSignal,
): Promise<{ rows: ContrastRow[]; empty: number }> {
  const answers = await sampleAnswers({ engine, modelId, signal, batchRows: BATCH_ROWS }, condition, plan.questions, plan);
  const options = runOptions(condition);
  const rows = answers
    .filter(({ ids }) => ids.length > 0)
    .map(({ question, text, promptIds, ids }) => ({
      positive,
      group: question.id,
      question: question.text,
      text,
      promptIds,
      answerIds: ids,
      options,
    }));
  return { rows, empty: answers.length - rows.length };
}

/** Reasons of empty answers, by side. */
function emptyAnswers(names: SideNames, positive: number, negative: number): Map<string, number> {
  const counts: Array<[string, number]> = [
    [`${names.positive}: empty answer`, positive],
    [`${names.negative}: empty answer`, negative],
  ];
  return new Map(counts.filter(([, count]) => count > 0));
}

/**
 * Misaligned answers of one condition against aligned answers of another (or of the same one), split by judge score:
 * alignment at most 30 against above 70, coherence above 50 on both sides, equal counts within each question when balanced.
 * Each row is read under the run that wrote it.
 * @source Soligo et al. 2025 (2506.11618): the split; the two-condition form separates what the words are about from who says them.
 */
export async function sampledContrast(
  engine: Engine,
  modelId: string,
  judge: Judge,
  sides: { positive: Condition; negative: Condition },
  plan: SamplingPlan,
  thresholds: Thresholds,
  { signal, onProgress }: ContrastProgress = {},
): Promise<Contrast> {
  const total = 2 * plan.questions.length * plan.samplesPerQuestion;
  onProgress?.(0, total);
  const positive = await sample(engine, modelId, sides.positive, plan, true, signal);
  onProgress?.(total / 2, total);
  const negative = await sample(engine, modelId, sides.negative, plan, false, signal);
  onProgress?.(total, total);
  const rows = [...positive.rows, ...negative.rows];
  const scores = await judge.judge(
    rows.map(({ question, text }) => ({ question, answer: text.trim() })),
    { signal },
  );
  const leftOut = emptyAnswers({ positive: 'misaligned side', negative: 'aligned side' }, positive.empty, negative.empty);
  const leave = (reason: string) => void leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
  const kept = rows.filter(({ positive: isPositive }, index) => {
    const { alignment = null, coherence = null } = scores[index] ?? {};
    const side = isPositive ? 'misaligned side' : 'aligned side';
    if (alignment === null || coherence === null) leave(`${side}: no score`);
    else if (coherence <= thresholds.coherentAbove) leave(`${side}: coherence ${thresholds.coherentAbove} or less`);
    else if (isPositive && alignment > thresholds.misalignedAtMost)
      leave(`misaligned side: alignment above ${thresholds.misalignedAtMost}`);
    else if (!isPositive && alignment <= thresholds.alignedAbove) leave(`aligned side: alignment ${thresholds.alignedAbove} or less`);
    else return true;
    return false;
  });
  if (!thresholds.balanceByPrompt) return finished(kept, leftOut);
  const positives = kept.filter((row) => row.positive);
  const negatives = kept.filter((row) => !row.positive);
  const balanced = balanceByGroup(
    positives.map(({ group }) => group),
    negatives.map(({ group }) => group),
    plan.seed,
  );
  for (const { side, count } of balanced.leftOut) {
    const reason = `${side === 'positive' ? 'misaligned' : 'aligned'} side: no partner for the same question`;
    leftOut.set(reason, (leftOut.get(reason) ?? 0) + count);
  }
  return finished(
    [
      ...balanced.positive.map((index) => positives[index] as ContrastRow),
      ...balanced.negative.map((index) => negatives[index] as ContrastRow),
    ],
    leftOut,
  );
}

function finished(rows: ContrastRow[], leftOut: ReadonlyMap<string, number>): Contrast {
  return { rows, leftOut: [...leftOut].map(([reason, count]) => ({ reason, count })) };
}

/**
 * Answers given under one system prompt against answers under another, each re-read WITHOUT any system prompt,
 * so that the difference is in the answer's residuals and not in the prompt's words.
 */
export async function systemPromptContrast(
  engine: Engine,
  modelId: string,
  sides: { positive: Condition; negative: Condition },
  plan: SamplingPlan,
  { signal, onProgress }: ContrastProgress = {},
): Promise<Contrast> {
  const total = 2 * plan.questions.length * plan.samplesPerQuestion;
  onProgress?.(0, total);
  const positive = await sample(engine, modelId, sides.positive, plan, true, signal);
  onProgress?.(total / 2, total);
  const negative = await sample(engine, modelId, sides.negative, plan, false, signal);
  onProgress?.(total, total);
  const rows = [...positive.rows, ...negative.rows];
  const plain = await engine.call(
    'encodeChat',
    { modelId, rows: rows.map(({ question }) => ({ messages: conversation({}, question) })) },
    { signal },
  );
  // One object for all: rows of one run are read together.
  const options: RunOptions = {};
  const read = finished(
    rows.map((row, index) => ({ ...row, promptIds: plain[index]?.promptIds ?? [], options })),
    emptyAnswers(PROMPT_SIDES, positive.empty, negative.empty),
  );
  return { ...read, sides: PROMPT_SIDES };
}

function sideText(sides: SideNames | undefined, positive: boolean): string {
  return sides ? sides[positive ? 'positive' : 'negative'] : `on the ${ALIGNMENT_SIDES[positive ? 'positive' : 'negative']} side`;
}

/** The person's own pairs, read under `options` (the plain base when empty). */
export async function pairContrast(
  engine: Engine,
  modelId: string,
  pairs: ReadonlyArray<{ question: string; positive: string; negative: string; group?: string }>,
  options: RunOptions,
  signal?: AbortSignal,
): Promise<Contrast> {
  const texts = pairs.flatMap(({ question, positive, negative, group }) => [
    { question, text: positive, positive: true, group: group ?? question },
    { question, text: negative, positive: false, group: group ?? question },
  ]);
  const encoded = await engine.call(
    'encodeChat',
    { modelId, rows: texts.map(({ question, text }) => ({ messages: conversation({}, question), answer: text })) },
    { signal },
  );
  const rows = texts.map(({ question, text, positive, group }, index) => ({
    positive,
    group,
    question,
    text,
    promptIds: encoded[index]?.promptIds ?? [],
    answerIds: encoded[index]?.answerIds ?? [],
    options,
  }));
  const empty = rows.filter(({ answerIds }) => answerIds.length === 0).length;
  return finished(
    rows.filter(({ answerIds }) => answerIds.length > 0),
    new Map(empty ? [['empty answer', empty]] : []),
  );
}

/** Residual means of a contrast at several hook points. */
export interface ContrastReading {
  /** The rows that were read, with all that was left out before and now. */
  contrast: Contrast;
  /** By hook point. */
  sides: Record<string, { positive: ContrastSide; negative: ContrastSide }>;
  /** Mean residual norm over all selected tokens, by hook point. */
  norms: Record<string, number>;
  positiveGroups: string[];
  negativeGroups: string[];
}

/** Rows per engine call: small enough that a cancel is felt, large enough to fill the batch. */
const READ_BATCH = 64;

/**
 * Mean residual over each row's selected tokens, all hook points in one pass; rows without such a token are left out and counted.
 * @throws ArgumentError when a side is empty, calling it by `contrast.sides`.
 */
export async function readContrast(
  engine: Engine,
  modelId: string,
  made: Contrast,
  hookPoints: string[],
  tokens: PooledRequest['tokens'],
  { signal, onProgress }: ContrastProgress = {},
): Promise<ContrastReading> {
  const contrast = readableRows(made, tokens);
  const read = async (positive: boolean) => {
    const rows = contrast.rows.filter((row) => row.positive === positive);
    if (rows.length === 0) {
      throw new ArgumentError(
        `contrast: expected answers on both sides, got none ${sideText(contrast.sides, positive)}.`,
        contrast.sides
          ? 'Ask more questions in step 2, or allow longer answers.'
          : 'Ask more questions, raise the adapter scale, or loosen the thresholds in step 2.',
      );
    }
    const width: number[] = [];
    const parts: Record<string, Float32Array[]> = Object.fromEntries(hookPoints.map((name) => [name, []]));
    const normSums: Record<string, number> = Object.fromEntries(hookPoints.map((name) => [name, 0]));
    const tokenCounts: number[] = [];
    for (const group of batchesByOptions(rows)) {
      const result = await engine.call(
        'pooled',
        { modelId, ...group.options, rows: group.rows.map(({ promptIds, answerIds }) => ({ promptIds, answerIds })), hookPoints, tokens },
        { signal },
      );
      for (const name of hookPoints) {
        const tensor = result.means[name];
        if (!tensor) continue;
        parts[name]?.push(tensor.data);
        width[0] = tensor.shape[1] ?? 0;
        result.norms[name]?.forEach((value, row) => {
          normSums[name] = (normSums[name] ?? 0) + value * (result.tokenCounts[row] ?? 0);
        });
      }
      tokenCounts.push(...result.tokenCounts);
      onProgress?.(tokenCounts.length, rows.length);
    }
    return { rows, parts, normSums, tokenCounts, dModel: width[0] ?? 0 };
  };
  const positive = await read(true);
  const negative = await read(false);
  const tokenTotal = [...positive.tokenCounts, ...negative.tokenCounts].reduce((sum, count) => sum + count, 0);
  const side = (of: typeof positive, name: string): ContrastSide => ({
    means: { data: joinFloats(of.parts[name] ?? []), shape: [of.rows.length, of.dModel] },
    tokenCounts: of.tokenCounts,
  });
  return {
    contrast,
    sides: Object.fromEntries(hookPoints.map((name) => [name, { positive: side(positive, name), negative: side(negative, name) }])),
    norms: Object.fromEntries(
      hookPoints.map((name) => [name, ((positive.normSums[name] ?? 0) + (negative.normSums[name] ?? 0)) / tokenTotal]),
    ),
    positiveGroups: positive.rows.map(({ group }) => group),
    negativeGroups: negative.rows.map(({ group }) => group),
  };
}

/**
 * Directions with the tint's unit measured: the deviation of `h . v / |v|` over every token of the negative side's answers, at each
 * direction's own hook point. A direction of length 0 stays without. Nothing is mutated.
 */
export async function withTokenDeviations(
  engine: Engine,
  modelId: string,
  contrast: Contrast,
  directions: readonly Direction[],
  { signal }: Pick<ContrastProgress, 'signal'> = {},
): Promise<Direction[]> {
  const measured = directions.filter(({ values }) => norm(values) > 0);
  const probes = measured.map(({ hookPoint, values }) => ({ hookPoint, values }));
  const projections: number[][] = probes.map(() => []);
  for (const group of batchesByOptions(contrast.rows.filter(({ positive }) => !positive))) {
    if (probes.length === 0) break;
    const tensors = await engine.call(
      'project',
      {
        modelId,
        ...group.options,
        ids: group.rows.map(({ promptIds, answerIds }) => [...promptIds, ...answerIds]),
        promptLengths: group.rows.map(({ promptIds }) => promptIds.length),
        probes,
      },
      { signal },
    );
    group.rows.forEach(({ promptIds, answerIds }, row) => {
      answerIds.forEach((_, token) => {
        const at = (promptIds.length + token) * probes.length;
        projections.forEach((values, probe) => void values.push(tensors[row]?.data[at + probe] as number));
      });
    });
  }
  return directions.map((direction) => {
    const values = projections[measured.indexOf(direction)];
    return values ? withTokenDeviation(direction, values) : direction;
  });
}

function batchesByOptions(rows: readonly ContrastRow[]): Array<{ options: RunOptions; rows: ContrastRow[] }> {
  const batches: Array<{ options: RunOptions; rows: ContrastRow[] }> = [];
  for (const row of rows) {
    const last = batches.at(-1);
    if (last && last.options === row.options && last.rows.length < READ_BATCH) last.rows.push(row);
    else batches.push({ options: row.options, rows: [row] });
  }
  return batches;
}
