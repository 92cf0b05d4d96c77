import type { VaneDocument } from '../document/schema';
import { conditionSignature } from './condition-run';
import type { AppState } from './state';

/** Text that changes exactly when what a sweep found would: everything but the swept coefficient. */
export function sweepSignature(document: VaneDocument, interventionId: string): string {
  const record = document.conditions.find(({ interventionIds }) => interventionIds.includes(interventionId));
  if (!record) return '';
  const interventions = document.interventions.map((item) =>
    item.id === interventionId ? { ...item, coefficient: 0, enabled: true } : item,
  );
  return JSON.stringify([conditionSignature({ ...document, interventions }, record, false), questionTexts(document), document.judge]);
}

/** The same for what was read of a contrast at every block. */
function readingsSignature(document: VaneDocument): string {
  const { contrast, conditions } = document;
  const { hookPoint: _hookPoint, ...settings } = document.directionSettings;
  const sideIds = contrast.kind === 'sampled' ? [contrast.positiveConditionId, contrast.negativeConditionId] : [];
  // A contrast draws with a seed of its own.
  const drawn = { ...document, sampling: { ...document.sampling, seed: 0 } };
  const sides = conditions.filter(({ id }) => sideIds.includes(id)).map((condition) => conditionSignature(drawn, condition, false));
  return JSON.stringify([document.model.source, document.model.sha256, contrast, settings, sides]);
}

/** The setting that profile and activations are of, to be kept beside them. */
export function readingsSetting(document: VaneDocument): NonNullable<AppState['runtime']['readingsMadeUnder']> {
  return { signature: readingsSignature(document), hookPoint: document.directionSettings.hookPoint };
}

/** The same for a condition's controls. */
export function controlsSignature(document: VaneDocument, conditionId: string): string {
  const record = document.conditions.find(({ id }) => id === conditionId);
  return record ? JSON.stringify([conditionSignature(document, record, false), questionTexts(document), document.judge]) : '';
}

function questionTexts(document: VaneDocument): string[] {
  return document.questions.items.map(({ text }) => text);
}

/** True when a sweep was made under another setting than the present one. */
export function isSweepStale({ document, runtime }: AppState, interventionId: string): boolean {
  const made = runtime.sweepsMadeUnder[interventionId];
  return made !== undefined && made !== sweepSignature(document, interventionId);
}

/** The control's sweep of an intervention while it is of the present setting. */
export function presentControlSweep(
  { document, runtime }: AppState,
  interventionId: string,
): AppState['runtime']['controlSweeps'][string] | null {
  const control = runtime.controlSweeps[interventionId];
  return control && control.madeUnder === sweepSignature(document, interventionId) ? control : null;
}

/** True when the profile was read under another setting than the present one. */
export function isProfileStale({ document, runtime }: AppState): boolean {
  return runtime.readingsMadeUnder !== null && runtime.readingsMadeUnder.signature !== readingsSignature(document);
}

/** The same for the activations, which are of one hook point. */
export function isScatterStale(state: AppState): boolean {
  const made = state.runtime.readingsMadeUnder;
  return isProfileStale(state) || (made !== null && made.hookPoint !== state.document.directionSettings.hookPoint);
}

/** The setting that a condition's controls were made under, such as `+0.80`, when it is no longer set; else null. */
export function staleControlsLabel({ document, runtime }: AppState, conditionId: string): string | null {
  const [first] = runtime.controls[conditionId] ?? [];
  return first && first.madeUnder !== controlsSignature(document, conditionId) ? first.madeFrom : null;
}
