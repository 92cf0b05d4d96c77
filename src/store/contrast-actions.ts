import { ArgumentError } from '../core/errors';
import type { ContrastRecord } from '../document/schema';
import type { Condition } from '../experiments/condition';
import type { ContrastProgress } from '../experiments/contrast';
import { type Contrast, pairContrast, sampledContrast, systemPromptContrast } from '../experiments/contrast';
import { appStore, runTask, setRuntime } from './app-store';
import { runOptionsFor, weightsSignature } from './condition-run';
import { heldContrast, holdContrast } from './contrast-in-hand';
import { theEngine } from './engine-handle';
import { presentJudge } from './judge-actions';
import { findQuestionSet } from './question-actions';
import { requireModel } from './require-model';
import { currentJudge } from './scoring';
import { contrastSetting, isContrastStale, isSameContrast, ranBy } from './staleness';
import type { ContrastSetting } from './state';

function contrastKey(): string {
  const { document, runtime } = appStore.getState();
  const sides = document.contrast.kind === 'sampled' ? [document.contrast.positiveConditionId, document.contrast.negativeConditionId] : [];
  const runs = document.conditions
    .filter(({ id }) => sides.includes(id))
    .map((condition) => [weightsSignature(document, condition), runOptionsFor(document, condition, runtime.directions)]);
  const { temperature, topP, topK, maxNewTokens } = document.sampling;
  // Another judge splits the same answers in another way.
  const judgeId = document.contrast.kind === 'sampled' ? currentJudge()?.id : null;
  return JSON.stringify([runtime.modelInfo?.modelId, document.contrast, judgeId, runs, temperature, topP, topK, maxNewTokens]);
}

/** The present contrast, made first when its settings have changed. @throws MismatchError without a model, ArgumentError without what its kind needs. */
export async function presentContrast(progress: ContrastProgress): Promise<Contrast> {
  // A judge that is being made splits the answers when it is there.
  if (appStore.getState().document.contrast.kind === 'sampled') await presentJudge(progress.signal);
  const key = contrastKey();
  const state = appStore.getState();
  const madeOf = contrastSetting(state.document, ranBy(state));
  const held = heldContrast();
  if (held?.key === key) {
    // An import that was taken back has left counts of its own.
    if (isContrastStale(state)) reportContrast(held.contrast, madeOf);
    return held.contrast;
  }
  const { contrast: record, model } = state.document;
  const contrast = await makeContrast(progress);
  holdContrast({ key, record, modelSha256: model.sha256, contrast });
  reportContrast(contrast, madeOf);
  return contrast;
}

function reportContrast({ rows, leftOut, sides }: Contrast, madeOf: ContrastSetting): void {
  const count = (positive: boolean) => rows.filter((row) => row.positive === positive).length;
  setRuntime(({ contrastReport: before }) => {
    const imported = before && isSameContrast(before.madeOf, madeOf) ? (before.imported ?? []) : [];
    const report = { madeOf, positive: count(true), negative: count(false), leftOut: [...imported, ...leftOut], imported, sides };
    return { contrastReport: report };
  });
}

async function makeContrast(progress: ContrastProgress): Promise<Contrast> {
  const { document } = appStore.getState();
  const { modelId } = requireModel('contrast');
  const { contrast } = document;
  const engine = theEngine();
  if (contrast.kind === 'pairs') return pairContrast(engine, modelId, contrast.rows, {}, progress.signal);
  const { temperature, topP, topK, maxNewTokens } = document.sampling;
  const questions = (await findQuestionSet(contrast.questionSetId)).items;
  const plan = { questions, samplesPerQuestion: contrast.samplesPerQuestion, temperature, topP, topK, maxNewTokens, seed: contrast.seed };
  if (contrast.kind === 'systemPrompts') {
    return systemPromptContrast(
      engine,
      modelId,
      { positive: underPrompt(contrast.positivePrompt), negative: underPrompt(contrast.negativePrompt) },
      plan,
      progress,
    );
  }
  const judge = currentJudge();
  if (!judge)
    throw new ArgumentError(
      'contrast: expected a judge to split the answers, got none.',
      'Choose one in step 5, or contrast two system prompts.',
    );
  const sides = { positive: sideOf(contrast, 'positiveConditionId'), negative: sideOf(contrast, 'negativeConditionId') };
  return sampledContrast(engine, modelId, judge, sides, plan, contrast, progress);
}

function underPrompt(systemPrompt: string): Condition {
  return { id: systemPrompt, name: systemPrompt, systemPrompt };
}

function sideOf(contrast: Extract<ContrastRecord, { kind: 'sampled' }>, key: 'positiveConditionId' | 'negativeConditionId'): Condition {
  const { document, runtime } = appStore.getState();
  const condition = document.conditions.find(({ id }) => id === contrast[key]);
  if (!condition) throw new ArgumentError(`contrast: expected a condition, got "${contrast[key]}".`, 'Choose both conditions in step 2.');
  const { id, name, systemPrompt } = condition;
  return { id, name, systemPrompt, ...runOptionsFor(document, condition, runtime.directions) };
}

/** Makes the contrast again and reports its counts. */
export async function runContrast(): Promise<void> {
  holdContrast(null);
  await runTask('Contrast', 'answers', ({ signal, progress }) => presentContrast({ signal, onProgress: progress }), {
    retry: () => void runContrast(),
  });
}

/** One line that says what stands against what, for a direction's recipe. */
export function describeContrast(contrast: ContrastRecord): string {
  const name = (id: string) => appStore.getState().document.conditions.find((condition) => condition.id === id)?.name ?? id;
  if (contrast.kind === 'pairs') return `${contrast.rows.length} pairs of the user's own`;
  if (contrast.kind === 'systemPrompts') return `"${contrast.positivePrompt}" against "${contrast.negativePrompt}", re-read without them`;
  return `misaligned answers of ${name(contrast.positiveConditionId)} against aligned answers of ${name(contrast.negativeConditionId)}${contrast.balanceByPrompt ? ', balanced by question' : ''}`;
}
