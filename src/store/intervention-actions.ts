import type { ConditionRecord, InterventionRecord, VaneDocument } from '../document/schema';
import { appStore, editDocument, freshId, setRuntime, setSession } from './app-store';
import { FIRST_DIRECTION_ID } from './default-document';

const NAMES = { steer: 'Steering', ablate: 'Ablation', clamp: 'Clamp' } as const;

/** Adds an intervention on the active direction, with a condition of its own that uses it. */
export function addIntervention(operation: InterventionRecord['operation']): void {
  const { document, session } = appStore.getState();
  const id = freshId('intervention');
  const directionId = session.activeDirectionId ?? document.directions[0]?.id ?? FIRST_DIRECTION_ID;
  const hookPoint =
    document.directions.find((direction) => direction.id === directionId)?.hookPoint ?? document.directionSettings.hookPoint;
  const record: InterventionRecord = {
    id,
    name: NAMES[operation],
    enabled: true,
    directionId,
    operation,
    hookSite: 'resid_post',
    blocks: /^blocks\.(\d+)\./.exec(hookPoint)?.[1] ?? '0',
    tokens: 'all',
    skipSpecialTokens: false,
    coefficient: operation === 'steer' ? 0.3 : 0,
    unit: 'residNorm',
    clampTo: 'negativeMean',
  };
  const base = document.conditions.find(({ interventionIds }) => interventionIds.length === 0);
  const condition: ConditionRecord = {
    id: freshId('condition'),
    name: `${base?.name ?? 'base'} + ${NAMES[operation].toLowerCase()}`,
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

export function patchIntervention(id: string, patch: Partial<InterventionRecord>, gesture?: string): void {
  editDocument(
    (document) => ({
      ...document,
      interventions: document.interventions.map((record) => (record.id === id ? { ...record, ...patch, id } : record)),
    }),
    gesture,
  );
}

/** Removes an intervention from the document and from every condition that used it. */
export function deleteIntervention(id: string): void {
  editDocument((document) => ({
    ...document,
    interventions: document.interventions.filter((record) => record.id !== id),
    conditions: document.conditions.map((condition) => ({
      ...condition,
      interventionIds: condition.interventionIds.filter((used) => used !== id),
    })),
  }));
  setRuntime(({ sweeps: { [id]: _gone, ...sweeps } }) => ({ sweeps }));
  if (appStore.getState().session.activeInterventionId === id) setSession({ activeInterventionId: null });
}

/** Adds a plain condition. */
export function addCondition(): void {
  const id = freshId('condition');
  editDocument((document) => ({
    ...document,
    conditions: [...document.conditions, { id, name: 'new condition', adapterScales: {}, interventionIds: [], systemPrompt: '' }],
  }));
}

export function patchCondition(id: string, patch: Partial<VaneDocument['conditions'][number]>): void {
  editDocument(
    (document) => ({
      ...document,
      conditions: document.conditions.map((condition) => (condition.id === id ? { ...condition, ...patch, id } : condition)),
    }),
    `condition-${id}-${Object.keys(patch).join()}`,
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
