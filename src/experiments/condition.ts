import type { Message } from '../core/chat';
import { ArgumentError } from '../core/errors';
import type { Intervention } from '../core/intervention';
import { LIMITS } from '../core/limits';
import type { Engine, GeneratedAnswer, RunOptions } from '../engine/api';

/** One way of running the model: which adapters and edits are on, and under which system prompt. */
export interface Condition {
  id: string;
  name: string;
  adapterScales?: Record<string, number>;
  interventions?: Intervention[];
  systemPrompt?: string;
}

export interface Question {
  id: string;
  text: string;
  domain?: string | null;
}

export interface Sampling {
  samplesPerQuestion: number;
  /** 0 is greedy. */
  temperature: number;
  topP: number;
  /** 0 leaves all tokens in. */
  topK: number;
  maxNewTokens: number;
  seed: number;
}

/** Counts of a running experiment; `total` never shrinks. */
export interface Progress {
  stage: 'generate' | 'judge' | 'read' | 'fit';
  label: string;
  done: number;
  total: number;
}

/** Where an experiment runs. */
export interface Bench {
  engine: Engine;
  modelId: string;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Rows in one engine call; 32 unless told. */
  batchRows?: number;
}

export const DEFAULT_BATCH_ROWS = 32;

/** The engine's options of a condition. */
export function runOptions(condition: Condition): RunOptions {
  return { adapterScales: condition.adapterScales ?? {}, interventions: condition.interventions ?? [] };
}

/** The conversation that a condition puts before the answer. */
export function conversation(condition: Pick<Condition, 'systemPrompt'>, question: string): Message[] {
  const user: Message = { role: 'user', content: question };
  return condition.systemPrompt ? [{ role: 'system', content: condition.systemPrompt }, user] : [user];
}

/** Items in runs of at most `size`. */
export function batches<T>(items: readonly T[], size: number): T[][] {
  const found: T[][] = [];
  for (let start = 0; start < items.length; start += Math.max(1, size)) found.push(items.slice(start, start + Math.max(1, size)));
  return found;
}

/** A generated answer with its place. */
export interface SampledAnswer {
  question: Question;
  questionIndex: number;
  sample: number;
  text: string;
  promptIds: number[];
  ids: number[];
  stopReason: GeneratedAnswer['stopReason'];
}

export interface SampleOptions {
  onAnswer?: (answer: SampledAnswer) => void;
  onToken?: (questionIndex: number, sample: number, id: number) => void;
}

/**
 * Answers of one condition to every question, in question order, then sample order.
 * Random streams are numbered by question and sample, so the batch size changes nothing.
 * @throws ArgumentError for an empty or oversized set; DOMException AbortError when cancelled.
 */
export async function sampleAnswers(
  bench: Bench,
  condition: Condition,
  questions: readonly Question[],
  sampling: Sampling,
  options: SampleOptions = {},
): Promise<SampledAnswer[]> {
  checkSet(questions, sampling);
  const { engine, modelId, signal } = bench;
  const n = sampling.temperature === 0 ? 1 : sampling.samplesPerQuestion;
  const encoded = await engine.call(
    'encodeChat',
    { modelId, rows: questions.map((question) => ({ messages: conversation(condition, question.text) })) },
    { signal },
  );
  const answers: SampledAnswer[] = [];
  const indices = questions.map((_, index) => index);
  const total = questions.length * n;
  for (const batch of batches(indices, Math.floor((bench.batchRows ?? DEFAULT_BATCH_ROWS) / n))) {
    signal?.throwIfAborted();
    const generated = await engine.call(
      'generate',
      {
        modelId,
        ...runOptions(condition),
        prompts: batch.map((index) => (encoded[index] as { promptIds: number[] }).promptIds),
        n,
        maxNewTokens: sampling.maxNewTokens,
        temperature: sampling.temperature,
        topP: sampling.topP,
        topK: sampling.topK,
        seed: sampling.seed,
        streamIndices: batch,
      },
      {
        signal,
        onEvent: (event) => {
          event.ids.forEach((id, row) => {
            options.onToken?.(batch[event.prompt[row] as number] as number, event.sample[row] as number, id);
          });
        },
      },
    );
    for (const answer of [...generated].sort((a, b) => a.prompt - b.prompt || a.sample - b.sample)) {
      const questionIndex = batch[answer.prompt] as number;
      const sampled = {
        question: questions[questionIndex] as Question,
        questionIndex,
        sample: answer.sample,
        text: answer.text,
        promptIds: (encoded[questionIndex] as { promptIds: number[] }).promptIds,
        ids: answer.ids,
        stopReason: answer.stopReason,
      };
      answers.push(sampled);
      options.onAnswer?.(sampled);
    }
    bench.onProgress?.({ stage: 'generate', label: condition.name, done: answers.length, total });
  }
  return answers;
}

function checkSet(questions: readonly Question[], sampling: Sampling): void {
  if (questions.length === 0) throw new ArgumentError('questions: expected at least one, got 0.', 'Add a question.');
  if (questions.length > LIMITS.questionCount) {
    throw new ArgumentError(`questions: expected at most ${LIMITS.questionCount}, got ${questions.length}.`, 'Run them in parts.');
  }
  const empty = questions.findIndex((question) => question.text.trim() === '');
  if (empty >= 0) throw new ArgumentError(`question ${empty + 1}: expected a text, got an empty one.`, 'Write a question or remove it.');
  const long = questions.findIndex((question) => question.text.length > LIMITS.questionCharacters);
  if (long >= 0)
    throw new ArgumentError(
      `question ${long + 1}: expected at most ${LIMITS.questionCharacters} characters, got ${questions[long]?.text.length}.`,
      'Shorten it.',
    );
  const { samplesPerQuestion: n, maxNewTokens } = sampling;
  if (!Number.isInteger(n) || n < 1 || n > LIMITS.answersPerQuestion)
    throw new ArgumentError(`samples per question: expected 1 to ${LIMITS.answersPerQuestion}, got ${n}.`, 'Choose fewer.');
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 1 || maxNewTokens > LIMITS.maxNewTokens) {
    throw new ArgumentError(`new tokens: expected 1 to ${LIMITS.maxNewTokens}, got ${maxNewTokens}.`, 'Choose fewer.');
  }
}
