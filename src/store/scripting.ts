import { version as vaneVersion } from '../../package.json';
import { buildDirection } from '../analysis/direction-builder';
import type { AnsweredMessages } from '../core/chat';
import type { Direction } from '../core/direction';
import { ArgumentError } from '../core/errors';
import { expandHookPoints } from '../core/hook-point';
import { checkJudgeRecord } from '../document/judge-record';
import type { VaneDocument } from '../document/schema';
import { ENGINE_VERSION, type RunOptions, type Source } from '../engine/api';
import type { Bench, Condition, Question, Sampling } from '../experiments/condition';
import { readContrast, withTokenDeviations } from '../experiments/contrast';
import { type Evaluation, evaluate } from '../experiments/evaluate';
import { type SweepPoint, sweep } from '../experiments/sweep';
import type { Judge, JudgeRow, Scores } from '../judges/judge';
import { flushAnswers } from './answers';
import { appStore, freshId } from './app-store';
import { callEngine, theEngine } from './engine-handle';
import { exportBlob } from './export-actions';
import { importFile } from './import-actions';
import { presentJudge } from './judge-actions';
import { makeJudge } from './judge-making';
import { openLink, share } from './link-actions';
import { recompute } from './recompute';
import { type LoadOptions, ScriptingModel } from './scripting-model';
import type { AnswerScores, AppActions, ExportKind } from './state';
import { sha256Hex } from './text-hash';

export interface DifferenceRequest {
  /** The misaligned side: the direction points towards it. */
  positive: AnsweredMessages[];
  negative: AnsweredMessages[];
  pool?: 'token' | 'response';
  definition?: 'plain' | 'standardised' | 'whitened';
  /** `blocks.*.hook_resid_post` unless told. */
  hookPoints?: string | string[];
  tokens?: 'answer' | 'prompt' | 'lastPrompt' | number[];
  /** The run under which each side is read; the plain base unless told. */
  positiveRun?: RunOptions;
  negativeRun?: RunOptions;
  signal?: AbortSignal;
}

export interface ResultRow {
  /** Names may be shared; ids are not. */
  conditionId: string;
  questionId: string;
  condition: string;
  question: string;
  answer: string;
  ids: number[];
  seed: number;
  sample: number;
  stale: boolean;
  scores: AnswerScores | null;
  judge: string;
}

/** `window.vane`: what the screen does, from a console or a script. */
export interface Vane {
  readonly version: string;
  /** Resolves when the start-up model answers on screen, or the opened link's recorded result stands. */
  readonly ready: Promise<void>;
  load(source: Source, options?: LoadOptions): Promise<ScriptingModel>;
  differenceInMeans(model: ScriptingModel, request: DifferenceRequest): Promise<Direction[]>;
  /** Scores of given answers by the judge on screen, a judge record of a document, or any object of the judge interface. */
  judge(answers: Array<{ question: string; answer: string }>, judge?: VaneDocument['judge'] | Judge): Promise<Scores[]>;
  evaluate(model: ScriptingModel, request: ScriptedExperiment & { conditions: Condition[] }): Promise<Evaluation>;
  sweep(
    model: ScriptingModel,
    request: ScriptedExperiment & { coefficients: number[]; conditionAt: (coefficient: number) => Condition },
  ): Promise<SweepPoint[]>;
  /** Everything that the screen can do, as the screen calls it. */
  readonly actions: AppActions;
  results(): ResultRow[];
  /** The document's kept directions, unpacked. */
  directions(): Direction[];
  readonly document: VaneDocument;
  link(): Promise<string>;
  open(link: string): Promise<void>;
  recompute(): Promise<{ answers: number; matched: number; scoresMatched: number; differences: unknown[] }>;
  export(kind: ExportKind): Promise<Blob>;
  import(file: File): Promise<void>;
}

export interface ScriptedExperiment {
  questions: Question[];
  sampling: Sampling;
  judge?: VaneDocument['judge'] | Judge | null;
  signal?: AbortSignal;
}

/** Uses the judge that a script names: that on screen unless told; a model that is loaded for it alone is freed afterwards. */
async function withJudge<T>(given: VaneDocument['judge'] | Judge | null | undefined, use: (judge: Judge | null) => Promise<T>): Promise<T> {
  if (given === undefined) return use(await presentJudge());
  if (given === null || isJudge(given)) return use(given);
  const { judge, borrowed } = await makeJudge(checkJudgeRecord(given));
  try {
    return await use(judge);
  } finally {
    borrowed?.release();
  }
}

/** True for an object of the judge interface; whatever else a script passes is checked as a record. */
function isJudge(value: VaneDocument['judge'] | Judge): value is Judge {
  return typeof value === 'object' && value !== null && 'judge' in value && typeof value.judge === 'function';
}

function benchOf(model: ScriptingModel, signal?: AbortSignal): Bench {
  return { engine: theEngine(), modelId: model.info.modelId, signal };
}

async function differenceInMeans(model: ScriptingModel, request: DifferenceRequest): Promise<Direction[]> {
  const { modelId, nLayers } = model.info;
  const hookPoints = expandHookPoints(request.hookPoints ?? 'blocks.*.hook_resid_post', nLayers);
  const all = [...request.positive, ...request.negative];
  const encoded = await callEngine('encodeChat', { modelId, rows: all }, { signal: request.signal });
  const plain: RunOptions = {};
  const rows = all.map(({ messages, answer }, index) => {
    const positive = index < request.positive.length;
    const question = messages.at(-1)?.content ?? '';
    return {
      positive,
      group: question,
      question,
      text: answer,
      promptIds: encoded[index]?.promptIds ?? [],
      answerIds: encoded[index]?.answerIds ?? [],
      options: (positive ? request.positiveRun : request.negativeRun) ?? plain,
    };
  });
  const tokens = request.tokens ?? 'answer';
  const contrast = { rows, leftOut: [] };
  const reading = await readContrast(theEngine(), modelId, contrast, hookPoints, tokens, { signal: request.signal });
  const contrastSha256 = await sha256Hex(JSON.stringify(reading.contrast.rows.map(({ positive, text }) => [positive, text])));
  const directions = hookPoints.flatMap((hookPoint) => {
    const sides = reading.sides[hookPoint];
    if (!sides) return [];
    const recipe = {
      tokens,
      contrast: `${request.positive.length} positive against ${request.negative.length} negative answers of a script`,
      contrastSha256,
      seed: null,
      modelSha256: model.info.sha256,
      adapters: [],
      weights: model.info.weights,
      engineVersion: ENGINE_VERSION,
    };
    return [
      buildDirection(
        { id: freshId('direction'), name: hookPoint, hookPoint, ...sides, recipe },
        { pool: request.pool, definition: request.definition },
      ),
    ];
  });
  return withTokenDeviations(theEngine(), modelId, reading.contrast, directions, { signal: request.signal });
}

/** Builds the scripting interface around the one store. */
export function createVane(ready: Promise<void>, actions: AppActions): Vane {
  return {
    version: vaneVersion,
    ready,
    async load(source, { onProgress, signal, ...request } = {}) {
      return new ScriptingModel(await callEngine('load', { source, ...request }, { signal, onEvent: onProgress }));
    },
    actions,
    differenceInMeans,
    async judge(answers, judge) {
      return withJudge(judge, async (resolved) => {
        if (!resolved) throw new ArgumentError('judge: expected a judge, got none.', 'Choose one in step 5 or pass one.');
        return resolved.judge(answers satisfies JudgeRow[]);
      });
    },
    async evaluate(model, { signal, judge, ...request }) {
      return withJudge(judge, (resolved) => evaluate(benchOf(model, signal), { ...request, judge: resolved }));
    },
    async sweep(model, { signal, judge, ...request }) {
      return withJudge(judge, (resolved) => sweep(benchOf(model, signal), { ...request, judge: resolved }));
    },
    results,
    directions: () => structuredClone(appStore.getState().runtime.directions),
    get document() {
      return structuredClone(appStore.getState().document);
    },
    link: share,
    open: openLink,
    recompute: recomputeOpened,
    export: exportBlob,
    import: importFile,
  };
}

/** @throws ArgumentError where no recorded result is open. */
async function recomputeOpened(): ReturnType<Vane['recompute']> {
  if (!appStore.getState().document.recorded)
    throw new ArgumentError(
      'recompute: expected a document with a recorded result, got one without.',
      'Open a link or a file that holds one: await vane.open(link).',
    );
  return recompute();
}

function results(): ResultRow[] {
  flushAnswers();
  const { document, runtime } = appStore.getState();
  const conditions = new Map(document.conditions.map(({ id, name }) => [id, name]));
  const questions = new Map(document.questions.items.map(({ id, text }) => [id, text]));
  return Object.values(runtime.answers).map(({ conditionId, questionId, tokens, ids, sample, stale, scores }) => ({
    conditionId,
    questionId,
    condition: conditions.get(conditionId) ?? conditionId,
    question: questions.get(questionId) ?? questionId,
    answer: tokens.join(''),
    ids: [...ids],
    seed: document.sampling.seed,
    sample,
    stale,
    scores,
    judge: runtime.judge.name,
  }));
}

declare global {
  interface Window {
    vane: Vane;
  }
}
