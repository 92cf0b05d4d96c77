import type { ConditionRecord, InterventionRecord, VaneDocument } from '../document/schema';
import { appStore, editDocument, freshId, setSession } from './app-store';
import { FIRST_DIRECTION_ID } from './default-document';
import { requireRoom } from './room';
import { uniqueName } from './unique-name';

const NAMES = { steer: 'Steering', ablate: 'Ablation', clamp: 'Clamp' } as const;

/** A name that was given here and not by a person, so that it may follow the operation. */
const GIVEN_NAME = /^(Steering|Ablation|Clamp)(?: \d+)?$/;
const GIVEN_ENDING = / \+ (steering|ablation|clamp)(?: \d+)?$/;

type Operation = InterventionRecord['operation'];

function interventionName({ interventions }: VaneDocument, operation: Operation): string {
  return uniqueName(
    NAMES[operation],
    interventions.map(({ name }) => name),
  );
}

function conditionName({ conditions }: VaneDocument, base: string, operation: Operation): string {
  return uniqueName(
    `${base} + ${NAMES[operation].toLowerCase()}`,
    conditions.map(({ name }) => name),
  );
}

/** Adds an intervention on the active direction, with a condition of its own that uses it. @throws LimitError when the document is full. */
export function addIntervention(operation: Operation): void {
  const { document, session } = appStore.getState();
  requireRoom(document, 'interventions');
  requireRoom(document, 'conditions');
  const id = freshId('intervention');
  const directionId = session.activeDirectionId ?? document.directions[0]?.id ?? FIRST_DIRECTION_ID;
  const hookPoint =
    document.directions.find((direction) => direction.id === directionId)?.hookPoint ?? document.directionSettings.hookPoint;
  const record: InterventionRecord = {
    id,
    name: interventionName(document, operation),
    enabled: true,
    directionId,
    operation,
    hookSite: 'resid_post',
    blocks: /^blocks\.(\d+)\./.exec(hookPoint)?.[1] ?? '0',
    tokens: 'all',
    skipSpecialTokens: false,
    coefficient: 0.3,
    unit: 'residNorm',
    clampTo: 'negativeMean',
    clampNumber: 0,
  };
  const base = document.conditions.find(({ interventionIds }) => interventionIds.length === 0);
  const condition: ConditionRecord = {
    id: freshId('condition'),
    name: conditionName(document, base?.name ?? 'base', operation),
    adapterScales: base?.adapterScales ?? {},
    interventionIds: [id],
    systemPrompt: base?.systemPrompt ?? '',
  };
  editDocument((current) => ({
    ...current,
    interventions: [...current.interventions, record],
    conditions: [...current.conditions, condition],
  }));
  setSession({ activeInterventionId: id });
}

/** Names that were given when the edit was added follow another operation; a person's own names stay. */
function renamedFor(document: VaneDocument, id: string, operation: Operation): Pick<VaneDocument, 'interventions' | 'conditions'> {
  const others = { ...document, interventions: document.interventions.filter((record) => record.id !== id) };
  const interventions = document.interventions.map((record) =>
    record.id === id && GIVEN_NAME.test(record.name) ? { ...record, name: interventionName(others, operation) } : record,
  );
  let conditions = document.conditions;
  for (const { id: conditionId, name, interventionIds } of document.conditions) {
    const ending = GIVEN_ENDING.exec(name);
    if (!ending || interventionIds.length !== 1 || interventionIds[0] !== id) continue;
    const rest = conditions.filter((condition) => condition.id !== conditionId);
    const renamed = conditionName({ ...document, conditions: rest }, name.slice(0, ending.index), operation);
    conditions = conditions.map((condition) => (condition.id === conditionId ? { ...condition, name: renamed } : condition));
  }
  return { interventions, conditions };
}

export function patchIntervention(id: string, patch: Partial<InterventionRecord>, gesture?: string): void {
  editDocument((document) => {
    const before = document.interventions.find((record) => record.id === id);
    const named =
      patch.operation && before && patch.operation !== before.operation
        ? { ...document, ...renamedFor(document, id, patch.operation) }
        : document;
    return { ...named, interventions: named.interventions.map((record) => (record.id === id ? { ...record, ...patch, id } : record)) };
  }, gesture);
}

/** Removes an intervention from the document and from every condition that used it; its sweep stays at hand, for undo brings it back. */
export function deleteIntervention(id: string): void {
  editDocument((document) => ({
    ...document,
    interventions: document.interventions.filter((record) => record.id !== id),
    conditions: document.conditions.map((condition) => ({
      ...condition,
      interventionIds: condition.interventionIds.filter((used) => used !== id),
    })),
  }));
  if (appStore.getState().session.activeInterventionId === id) setSession({ activeInterventionId: null });
}

/** Adds a plain condition. @throws LimitError when the document is full. */
export function addCondition(): void {
  const { document: present } = appStore.getState();
  requireRoom(present, 'conditions');
  const id = freshId('condition');
  const name = uniqueName(
    'new condition',
    present.conditions.map((condition) => condition.name),
  );
  editDocument((document) => ({
    ...document,
    conditions: [...document.conditions, { id, name, adapterScales: {}, interventionIds: [], systemPrompt: '' }],
  }));
}

export function patchCondition(id: string, patch: Partial<ConditionRecord>, gesture?: string): void {
  editDocument(
    (document) => ({
      ...document,
      conditions: document.conditions.map((condition) => (condition.id === id ? { ...condition, ...patch, id } : condition)),
    }),
    gesture,
  );
}

export function deleteCondition(id: string): void {
  editDocument((document) => ({ ...document, conditions: document.conditions.filter((condition) => condition.id !== id) }));
}

/** Forgets an adapter everywhere in the document. */
export function removeAdapter(name: string): void {
  editDocument((document) => ({
    ...document,
    model: { ...document.model, adapters: document.model.adapters.filter((adapter) => adapter.name !== name) },
    conditions: document.conditions.map((condition) => ({
      ...condition,
      adapterScales: Object.fromEntries(Object.entries(condition.adapterScales).filter(([key]) => key !== name)),
    })),
  }));
}
