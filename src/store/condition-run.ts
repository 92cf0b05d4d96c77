import type { Message } from '../core/chat';
import type { Direction } from '../core/direction';
import { MismatchError } from '../core/errors';
import { expandHookPoints } from '../core/hook-point';
import type { Intervention } from '../core/intervention';
import type { ConditionRecord, InterventionRecord, VaneDocument } from '../document/schema';
import type { RunOptions } from '../engine/api';

/** Hook points of an intervention as a pattern the engine expands. */
export function hookPointPattern(record: Pick<InterventionRecord, 'hookSite' | 'blocks'>): string {
  return record.hookSite === 'embed' ? 'hook_embed' : `blocks.${record.blocks.replaceAll(' ', '')}.hook_${record.hookSite}`;
}

/**
 * One record of the document as the engine's intervention.
 * @throws MismatchError when its direction is missing or has no mean to clamp to.
 */
export function toIntervention(record: InterventionRecord, directions: readonly Direction[]): Intervention {
  const direction = directions.find((candidate) => candidate.id === record.directionId);
  if (!direction) {
    throw new MismatchError(`intervention "${record.name}": expected a direction, got none.`, 'Compute or choose one in step 3.');
  }
  const common = {
    direction: direction.values,
    hookPoints: hookPointPattern(record),
    tokens: record.tokens,
    skipSpecialTokens: record.skipSpecialTokens,
  };
  if (record.operation === 'ablate') return { ...common, operation: 'ablate' };
  if (record.operation === 'steer') return { ...common, operation: 'steer', coefficient: record.coefficient, unit: record.unit };
  return { ...common, operation: 'clamp', coefficient: clampTarget(record, direction) };
}

function clampTarget(record: InterventionRecord, direction: Direction): number {
  if (record.clampTo === 'zero') return 0;
  if (record.clampTo === 'number') return record.clampNumber;
  const mean = record.clampTo === 'negativeMean' ? direction.negativeMeanProjection : direction.positiveMeanProjection;
  if (mean === null) {
    throw new MismatchError(
      `intervention "${record.name}": expected a measured mean projection, got none.`,
      'Clamp to a number, or compute the direction here.',
    );
  }
  return mean;
}

/** What the engine needs to run a condition: its adapters' scales and its enabled interventions, none while bypassed. */
export function runOptionsFor(
  document: VaneDocument,
  condition: ConditionRecord,
  directions: readonly Direction[],
  bypass = false,
): RunOptions {
  const records = bypass ? [] : document.interventions.filter((record) => record.enabled && condition.interventionIds.includes(record.id));
  return { adapterScales: condition.adapterScales, interventions: records.map((record) => toIntervention(record, directions)) };
}

/**
 * True when an edit of the condition itself sets the direction's projection on answer tokens where it is read:
 * after an ablation or a clamp the reading there says nothing of the answer.
 */
export function fixesReading(document: VaneDocument, condition: ConditionRecord, direction: Direction, nLayers: number): boolean {
  return document.interventions.some(
    (record) =>
      record.enabled &&
      condition.interventionIds.includes(record.id) &&
      record.directionId === direction.id &&
      record.operation !== 'steer' &&
      record.tokens !== 'prompt' &&
      expandHookPoints(hookPointPattern(record), nLayers).includes(direction.hookPoint),
  );
}

/** Messages of one question under a condition. */
export function messagesFor(condition: ConditionRecord, question: string): Message[] {
  const user: Message = { role: 'user', content: question };
  return condition.systemPrompt ? [{ role: 'system', content: condition.systemPrompt }, user] : [user];
}

/** Adapters that a condition runs with: names and scales, other than 0. */
function scaledAdapters({ model }: VaneDocument, { adapterScales }: ConditionRecord): VaneDocument['model']['adapters'] {
  return model.adapters.filter(({ name }) => (adapterScales[name] ?? 0) !== 0);
}

/** Text that changes exactly when the weights that a condition runs with do: another file under an adapter's name is another adapter. */
export function weightsSignature(document: VaneDocument, condition: ConditionRecord): string {
  // The same weights are the same model, wherever they lie.
  const { sha256, source } = document.model;
  const adapters = scaledAdapters(document, condition).map((adapter) => [adapter.name, adapter.sha256 || adapter.source]);
  return JSON.stringify([sha256 || source, adapters]);
}

/** Text that changes exactly when what a person sets of a condition does: its adapters' scales, edits, prompt and sampling. */
export function settingSignature(document: VaneDocument, condition: ConditionRecord, bypass: boolean): string {
  const records = bypass ? [] : document.interventions.filter((record) => record.enabled && condition.interventionIds.includes(record.id));
  const edits = records.map(({ id: _id, name: _name, enabled: _enabled, ...rest }) => ({
    ...rest,
    values: document.directions.find((direction) => direction.id === rest.directionId)?.values ?? '',
  }));
  const { samplesPerQuestion: _samples, ...sampling } = document.sampling;
  const scales = scaledAdapters(document, condition).map(({ name }) => [name, condition.adapterScales[name]]);
  return JSON.stringify([scales, condition.systemPrompt, edits, sampling]);
}

/** Text that changes exactly when a condition's answers would: its weights and its setting. */
export function conditionSignature(document: VaneDocument, condition: ConditionRecord, bypass: boolean): string {
  return JSON.stringify([weightsSignature(document, condition), settingSignature(document, condition, bypass)]);
}

/** The setting of a condition's first edit in words, such as `+0.18` or `ablate`; shown on stale answers. */
export function settingLabel(document: VaneDocument, condition: ConditionRecord): string {
  const record = document.interventions.find((candidate) => candidate.enabled && condition.interventionIds.includes(candidate.id));
  if (record?.operation === 'steer') return `${record.coefficient < 0 ? '−' : '+'}${Math.abs(record.coefficient).toFixed(2)}`;
  if (record) return record.operation;
  const scales = Object.entries(condition.adapterScales).filter(([, scale]) => scale !== 0);
  return scales.map(([name, scale]) => `${name} ×${scale.toFixed(2)}`).join(', ') || 'no edit';
}
