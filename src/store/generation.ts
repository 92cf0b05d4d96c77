import type { Direction } from '../core/direction';
import type { ConditionRecord, QuestionRecord } from '../document/schema';
import type { GeneratedAnswer, TokenEvent } from '../engine/api';
import { answerEpoch, answerKey, type MadeSetting, markStale, putAnswer, settingsOf } from './answers';
import { appStore } from './app-store';
import { fixesReading, messagesFor, runOptionsFor } from './condition-run';
import { callEngine } from './engine-handle';
import { ranLabel } from './staleness';
import type { AnswerState } from './state';
import { learnTokenTexts, tokenTexts } from './token-texts';

export interface GenerationRequest {
  condition: ConditionRecord;
  questions: QuestionRecord[];
  signal: AbortSignal;
  /** Called with each answer once its last token is there. */
  onAnswer: (answer: AnswerState) => void;
}

/**
 * Generates `samplesPerQuestion` answers of one condition to the given questions in one batch and streams them to the screen.
 * The random stream of an answer depends on its question's place in the set and its sample alone, so all conditions share seeds
 * and a part of a set gives the same tokens as the whole. An answer on screen stays until its successor has a token.
 */
export async function generateAnswers({ condition, questions, signal, onAnswer }: GenerationRequest): Promise<void> {
  const { document, session, runtime } = appStore.getState();
  const { modelInfo } = runtime;
  if (!modelInfo || questions.length === 0) return;
  const { modelId } = modelInfo;
  const ran = ranLabel(modelInfo);
  const present = settingsOf(document, condition, session.bypass);
  const settingFor = (questionId: string): MadeSetting => ({ ...present(questionId), ran });
  const direction = readableDirection(condition);
  const options = runOptionsFor(document, condition, runtime.directions, session.bypass);
  const rows = await callEngine(
    'encodeChat',
    { modelId, rows: questions.map(({ text }) => ({ messages: messagesFor(condition, text) })) },
    { signal },
  );
  const stream = new AnswerStream(condition.id, questions, settingFor, direction, modelId, onAnswer);
  const answers = await callEngine(
    'generate',
    {
      modelId,
      ...options,
      prompts: rows.map(({ promptIds }) => promptIds),
      n: document.sampling.samplesPerQuestion,
      maxNewTokens: document.sampling.maxNewTokens,
      temperature: document.sampling.temperature,
      topP: document.sampling.topP,
      topK: document.sampling.topK,
      seed: document.sampling.seed,
      streamIndices: questions.map((question) => document.questions.items.findIndex(({ id }) => id === question.id)),
      probes: direction ? [{ hookPoint: direction.hookPoint, values: direction.values }] : [],
    },
    { signal, onEvent: (event) => stream.take(event) },
  );
  await Promise.all(answers.map((answer) => stream.finish(answer)));
  // The setting may have moved on meanwhile.
  if (appStore.getState().document !== document) markStale();
}

/** The direction whose projection tints the tokens: the active one, else the first. */
export function shownDirection(directions: readonly Direction[], activeId: string | null): Direction | null {
  return directions.find(({ id }) => id === activeId) ?? directions[0] ?? null;
}

/** The shown direction where its reading says something of the condition's answers; null where an edit fixes it or there is none. */
export function readableDirection(condition: ConditionRecord): Direction | null {
  const { document, session, runtime } = appStore.getState();
  const direction = shownDirection(runtime.directions, session.activeDirectionId);
  if (!direction || !runtime.modelInfo) return null;
  return !session.bypass && fixesReading(document, condition, direction, runtime.modelInfo.nLayers) ? null : direction;
}

/** A projection in standard deviations of the base's answers; NaN where the direction has no measured spread. */
export function standardProjection(direction: Direction | null, projection: number): number {
  if (!direction || direction.negativeMeanProjection === null || !direction.projectionDeviation) return Number.NaN;
  return (projection - direction.negativeMeanProjection) / direction.projectionDeviation;
}

/** Turns the engine's parallel token events into answers on screen. */
class AnswerStream {
  private readonly running = new Map<string, AnswerState>();
  private readonly epoch = answerEpoch();

  constructor(
    private readonly conditionId: string,
    private readonly questions: QuestionRecord[],
    private readonly settingFor: (questionId: string) => MadeSetting,
    private readonly direction: Direction | null,
    private readonly modelId: string,
    private readonly onAnswer: (answer: AnswerState) => void,
  ) {}

  private blank(prompt: number, sample: number): AnswerState {
    return {
      conditionId: this.conditionId,
      questionId: this.questions[prompt]?.id ?? '',
      sample,
      status: 'streaming',
      ids: [],
      tokens: [],
      projections: [],
      stopReason: null,
      scores: null,
      stale: false,
      staleFrom: null,
    };
  }

  take(event: TokenEvent): void {
    if (this.epoch !== answerEpoch()) return;
    const texts = tokenTexts(this.modelId, event.ids);
    for (let row = 0; row < event.ids.length; row++) {
      const blank = this.blank(event.prompt[row] as number, event.sample[row] as number);
      const key = answerKey(blank);
      const before = this.running.get(key) ?? blank;
      const projection = event.projections.length ? standardProjection(this.direction, event.projections[row] as number) : Number.NaN;
      const next = {
        ...before,
        ids: [...before.ids, event.ids[row] as number],
        tokens: [...before.tokens, texts[row] ?? ''],
        projections: [...before.projections, projection],
      };
      this.running.set(key, next);
      putAnswer(next, this.settingFor(next.questionId));
    }
  }

  /** Replaces the streamed text by the exact one, with exact token texts and projections. */
  async finish(answer: GeneratedAnswer): Promise<void> {
    const blank = this.blank(answer.prompt, answer.sample);
    const { tokens } = await callEngine('decode', { modelId: this.modelId, ids: answer.ids });
    learnTokenTexts(this.modelId, answer.ids, tokens);
    if (this.epoch !== answerEpoch()) return;
    const state: AnswerState = {
      ...blank,
      status: 'done',
      ids: answer.ids,
      tokens,
      projections: answer.projections.length ? Array.from(answer.projections, (value) => standardProjection(this.direction, value)) : [],
      stopReason: answer.stopReason,
    };
    putAnswer(state, this.settingFor(state.questionId));
    this.onAnswer(state);
  }
}
