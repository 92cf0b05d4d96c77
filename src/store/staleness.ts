import type { VaneDocument } from '../document/schema';
import { conditionSignature, settingSignature } from './condition-run';
import type { AppState, ContrastSetting, ControlSummary, LayerTokenMap } from './state';

/** Weight format and backend that figures came from: other weights or other arithmetic give other figures. */
export type Ran = Readonly<{ weights: string | null; backend: string | null }>;

/** What a recorded result ran with; else what the document asks for. */
function ranByDocument({ recorded, model }: VaneDocument): Ran {
  const { weights, backend } = recorded ?? model;
  return { weights, backend };
}

/** What runs now: the loaded model, or while a recorded result stands, that of its recording. */
export function ranBy({ document, runtime }: Pick<AppState, 'document' | 'runtime'>): Ran {
  const { modelInfo, recordedOnly } = runtime;
  return modelInfo && !recordedOnly ? { weights: modelInfo.weights, backend: modelInfo.backend } : ranByDocument(document);
}

/** Weights and arithmetic that decide the figures, in words. */
export function ranLabel({ weights, backend }: Ran): string {
  return `${backend ?? ''} ${weights ?? ''}`.trim();
}

/** True unless the figures that were made so are known to be of other weights or another backend: without a model nothing is known. */
export function isOfPresentRan(made: string, state: Pick<AppState, 'document' | 'runtime'>): boolean {
  const { modelInfo, recordedOnly } = state.runtime;
  return (modelInfo === null && !recordedOnly) || made === ranLabel(ranBy(state));
}

/** Text that changes exactly when what a sweep found would: everything but the swept coefficient. */
export function sweepSignature(document: VaneDocument, interventionId: string, ran: Ran = ranByDocument(document)): string {
  const record = document.conditions.find(({ interventionIds }) => interventionIds.includes(interventionId));
  if (!record) return '';
  const interventions = document.interventions.map((item) =>
    item.id === interventionId ? { ...item, coefficient: 0, enabled: true } : item,
  );
  return JSON.stringify([
    conditionSignature({ ...document, interventions }, record, false),
    questionTexts(document),
    document.judge,
    ranLabel(ran),
  ]);
}

/** What the answers of a contrast's sides and their split depend on, besides the contrast's own record. */
function sidesOf(document: VaneDocument): unknown[] {
  const { contrast, conditions } = document;
  const sideIds = contrast.kind === 'sampled' ? [contrast.positiveConditionId, contrast.negativeConditionId] : [];
  // A contrast draws with a seed of its own.
  const drawn = { ...document, sampling: { ...document.sampling, seed: 0 } };
  const sides = conditions.filter(({ id }) => sideIds.includes(id)).map((condition) => conditionSignature(drawn, condition, false));
  // A judge splits the answers of such a contrast.
  const judge = contrast.kind === 'sampled' ? document.judge : null;
  return [sides, judge];
}

/** The same for what was read of a contrast at every block. */
function readingsSignature(document: VaneDocument, ran: Ran): string {
  const { contrast, model } = document;
  const { hookPoint: _hookPoint, ...settings } = document.directionSettings;
  return JSON.stringify([model.source, model.sha256, contrast, settings, ...sidesOf(document), ranLabel(ran)]);
}

/** What the document's contrast is made of, to be kept beside its counts. Pairs are a person's own, whatever answers. */
export function contrastSetting(document: VaneDocument, ran: Ran): ContrastSetting {
  const { contrast, sampling } = document;
  if (contrast.kind === 'pairs') return { record: contrast, signature: '' };
  const { temperature, topP, topK, maxNewTokens } = sampling;
  return {
    record: contrast,
    signature: JSON.stringify([temperature, topP, topK, maxNewTokens, ...sidesOf(document), ranLabel(ran)]),
  };
}

/** True when two settings make the same contrast. */
export function isSameContrast(one: ContrastSetting, other: ContrastSetting): boolean {
  return one.signature === other.signature && (one.record === other.record || hasEqualText(one.record, other.record));
}

/** The two records that were compared last: they may hold thousands of rows, and the screen asks at every change. */
let compared: { pair: readonly [ContrastSetting['record'], ContrastSetting['record']]; equal: boolean } | null = null;

function hasEqualText(one: ContrastSetting['record'], other: ContrastSetting['record']): boolean {
  if (compared?.pair[0] !== one || compared.pair[1] !== other)
    compared = { pair: [one, other], equal: JSON.stringify(one) === JSON.stringify(other) };
  return compared.equal;
}

/** True when the counts of the contrast are of another than the document's. */
export function isContrastStale(state: Pick<AppState, 'document' | 'runtime'>): boolean {
  const { contrastReport } = state.runtime;
  return contrastReport !== null && !isSameContrast(contrastReport.madeOf, contrastSetting(state.document, ranBy(state)));
}

/** The setting that profile and activations are of, to be kept beside them. */
export function readingsSetting(
  document: VaneDocument,
  ran: Ran = ranByDocument(document),
): NonNullable<AppState['runtime']['readingsMadeUnder']> {
  return { signature: readingsSignature(document, ran), hookPoint: document.directionSettings.hookPoint };
}

/** The same for a condition's controls. */
export function controlsSignature(document: VaneDocument, conditionId: string, ran: Ran = ranByDocument(document)): string {
  const record = document.conditions.find(({ id }) => id === conditionId);
  return record
    ? JSON.stringify([conditionSignature(document, record, false), questionTexts(document), document.judge, ranLabel(ran)])
    : '';
}

/**
 * Text that changes exactly when a check of the opened recording would be another: the settings of its conditions, the places of its
 * questions, the judge, and what it runs with. Its own conditions and questions alone, so that more of either change nothing.
 */
export function recomputeSignature(document: VaneDocument, ran: Ran): string {
  const answers = document.recorded?.answers ?? [];
  const [conditionIds, questionIds] = [
    new Set(answers.map(({ conditionId }) => conditionId)),
    new Set(answers.map(({ questionId }) => questionId)),
  ];
  const conditions = document.conditions.flatMap((condition) =>
    conditionIds.has(condition.id) ? [[condition.id, settingSignature(document, condition, false)]] : [],
  );
  const questions = document.questions.items.flatMap(({ id }, place) => (questionIds.has(id) ? [[id, place]] : []));
  return JSON.stringify([conditions, questions, document.judge, ranLabel(ran)]);
}

/** True when the check of the opened recording was made at another setting than the present one. */
export function isRecomputeStale(state: Pick<AppState, 'document' | 'runtime'>): boolean {
  const { recompute } = state.runtime;
  return recompute !== null && recompute.madeUnder !== recomputeSignature(state.document, ranBy(state));
}

function questionTexts(document: VaneDocument): string[] {
  return document.questions.items.map(({ text }) => text);
}

/** True when a sweep was made under another setting than the present one. */
export function isSweepStale(state: AppState, interventionId: string): boolean {
  const made = state.runtime.sweepsMadeUnder[interventionId];
  return made !== undefined && made !== sweepSignature(state.document, interventionId, ranBy(state));
}

/** The control's sweep of an intervention while it is of the present setting. */
export function presentControlSweep(state: AppState, interventionId: string): AppState['runtime']['controlSweeps'][string] | null {
  const control = state.runtime.controlSweeps[interventionId];
  return control && control.madeUnder === sweepSignature(state.document, interventionId, ranBy(state)) ? control : null;
}

/** True when the profile was read under another setting than the present one. */
export function isProfileStale(state: AppState): boolean {
  const { readingsMadeUnder } = state.runtime;
  return readingsMadeUnder !== null && readingsMadeUnder.signature !== readingsSignature(state.document, ranBy(state));
}

/** The same for the activations, which are of one hook point. */
export function isScatterStale(state: AppState): boolean {
  const made = state.runtime.readingsMadeUnder;
  return isProfileStale(state) || (made !== null && made.hookPoint !== state.document.directionSettings.hookPoint);
}

const NO_CONTROLS: readonly ControlSummary[] = [];
/** What was last picked of a condition's controls, so that an unchanged state gives the same list. */
const picked = new WeakMap<readonly ControlSummary[], { controls: VaneDocument['controls']; shown: readonly ControlSummary[] }>();

/** The controls that stand beside a condition's effect: those that are switched on. The same list while nothing has changed. */
export function shownControls(
  { document, runtime }: Pick<AppState, 'document' | 'runtime'>,
  conditionId: string,
): readonly ControlSummary[] {
  const made = runtime.controls[conditionId];
  if (!made) return NO_CONTROLS;
  const known = picked.get(made);
  if (known?.controls === document.controls) return known.shown;
  const { random, flipped, orthogonal, goodAdapter } = document.controls;
  const on = { random, flipped, orthogonal, goodAdapter: goodAdapter !== null };
  const shown = made.filter(({ kind }) => on[kind]);
  picked.set(made, { controls: document.controls, shown });
  return shown;
}

/** The setting that a condition's controls were made under, such as `+0.80`, when it is no longer set; else null. */
export function staleControlsLabel(state: AppState, conditionId: string): string | null {
  const [first] = state.runtime.controls[conditionId] ?? [];
  return first && first.madeUnder !== controlsSignature(state.document, conditionId, ranBy(state)) ? first.madeFrom : null;
}

/** Text that changes exactly when a reading along the shown direction would; empty without one. */
export function readAlong(state: AppState): string {
  const { directions } = state.document;
  const shown = directions.find(({ id }) => id === state.session.activeDirectionId) ?? directions[0];
  if (!shown) return '';
  return JSON.stringify([shown.hookPoint, shown.values, shown.negativeMeanProjection, shown.projectionDeviation, ranLabel(ranBy(state))]);
}

/** True when the map is not of the answer that stands on screen now, or not of the direction that tints it. */
export function isMapStale(state: AppState): boolean {
  const { map, answers } = state.runtime;
  if (!map) return false;
  const answer = answers[`${map.conditionId}|${map.questionId}|${map.sample}`];
  if (!answer || answer.stale || !isSameTokens(answer.ids, map)) return true;
  return map.along !== readAlong(state);
}

function isSameTokens(ids: readonly number[], map: LayerTokenMap): boolean {
  return ids === map.ids || (ids.length === map.ids.length && ids.every((id, index) => id === map.ids[index]));
}

/** What of a condition's setting can make its controls stale. */
export type ControlsCause = 'setting' | 'judge' | 'questions';

/** What has changed since a condition's controls were made; empty while they are of the present setting. */
export function staleControlsCauses(state: AppState, conditionId: string): ControlsCause[] {
  const [first] = state.runtime.controls[conditionId] ?? [];
  const now = controlsSignature(state.document, conditionId, ranBy(state));
  if (!first || first.madeUnder === now) return [];
  if (!first.madeUnder || !now) return ['setting'];
  const parts = (signature: string) => (JSON.parse(signature) as unknown[]).map((part) => JSON.stringify(part));
  const [made, present] = [parts(first.madeUnder), parts(now)];
  // In the order of `controlsSignature`; whatever else it holds is of the setting.
  const causes = present.flatMap((part, at): ControlsCause[] =>
    part === made[at] ? [] : [at === 1 ? 'questions' : at === 2 ? 'judge' : 'setting'],
  );
  return [...new Set(causes)];
}
