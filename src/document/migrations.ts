import * as v from 'valibot';
import { LIMITS } from '../core/limits';
import { emptyDocument } from './schema';

/** A document of some version, as parsed JSON. */
export type JsonObject = Record<string, unknown>;

const text = v.pipe(v.string(), v.maxLength(LIMITS.questionCharacters));
const block = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(LIMITS.nLayers - 1));

/**
 * Version 0, the form before the first release: a bare block number instead of a hook point, plain strings for questions,
 * one steering number per intervention (of the mean residual norm), a judge's name, one system prompt for all, and no controls.
 */
const version0 = v.object({
  version: v.literal(0),
  title: v.optional(text, ''),
  model: v.object({ source: text, sha256: v.optional(text, ''), adapters: v.optional(v.record(v.string(), v.string()), {}) }),
  layer: block,
  prompts: v.pipe(v.array(text), v.maxLength(LIMITS.questionCount)),
  systemPrompt: v.optional(text, ''),
  directions: v.optional(v.array(v.looseObject({ layer: block })), []),
  edits: v.optional(
    v.array(
      v.object({
        directionId: text,
        mode: v.picklist(['add', 'project-out']),
        layers: v.array(block),
        strength: v.optional(v.number(), 1),
      }),
    ),
    [],
  ),
  conditions: v.array(v.object({ name: text, adapter: v.nullable(text), edits: v.array(block) })),
  judge: v.picklist(['grammar', 'readout']),
  temperature: v.optional(v.number(), 1),
  maxNewTokens: v.optional(v.number(), 64),
  seed: v.optional(v.number(), 0),
});

function residPost(layer: number): string {
  return `blocks.${layer}.hook_resid_post`;
}

/** Version 0 -> 1. Recorded answers of version 0 carried no token ids and are left behind. */
function migrateTo1(old: JsonObject): JsonObject {
  const from = v.parse(version0, old, { abortEarly: true });
  const base = emptyDocument();
  return {
    ...base,
    version: 1,
    title: from.title,
    model: {
      ...base.model,
      source: from.model.source,
      sha256: from.model.sha256,
      adapters: Object.entries(from.model.adapters).map(([name, source]) => ({ name, source, sha256: '' })),
    },
    directionSettings: { ...base.directionSettings, hookPoint: residPost(from.layer) },
    directions: from.directions.map(({ layer, ...rest }) => ({ ...rest, hookPoint: residPost(layer) })),
    interventions: from.edits.map((edit, index) => ({
      id: `edit-${index}`,
      name: edit.mode === 'add' ? 'steer' : 'ablate',
      enabled: true,
      directionId: edit.directionId,
      operation: edit.mode === 'add' ? 'steer' : 'ablate',
      hookSite: 'resid_post',
      blocks: edit.layers.join(', '),
      tokens: 'all',
      skipSpecialTokens: false,
      coefficient: edit.strength,
      unit: 'residNorm',
      clampTo: 'zero',
    })),
    conditions: from.conditions.map((condition, index) => ({
      id: `condition-${index}`,
      name: condition.name,
      adapterScales: condition.adapter === null ? {} : { [condition.adapter]: 1 },
      interventionIds: condition.edits.map((edit) => `edit-${edit}`),
      systemPrompt: from.systemPrompt,
    })),
    questions: { setId: 'own', items: from.prompts.map((prompt, index) => ({ id: `q${index}`, text: prompt, domain: null })) },
    sampling: { ...base.sampling, temperature: from.temperature, maxNewTokens: from.maxNewTokens, seed: from.seed },
    judge: from.judge === 'grammar' ? { kind: 'grammar' } : { kind: 'readout', hookPoint: null, labels: 'shipped' },
  };
}

/** What version 2 changed in an intervention of version 1. */
const version1 = v.looseObject({
  interventions: v.array(v.looseObject({ operation: v.string(), clampTo: v.string(), coefficient: v.number() })),
});

/** Version 1 -> 2. A clamp's number stood in the steering coefficient, so that changing the operation steered by a projection. */
function migrateTo2(old: JsonObject): JsonObject {
  const from = v.parse(version1, old, { abortEarly: true });
  return {
    ...from,
    version: 2,
    interventions: from.interventions.map((record) =>
      record.operation === 'clamp' && record.clampTo === 'number'
        ? { ...record, clampNumber: record.coefficient, coefficient: 0 }
        : { ...record, clampNumber: 0 },
    ),
  };
}

/** `MIGRATIONS[n]` turns version n into n + 1; each checks what it reads and throws valibot's ValiError. */
export const MIGRATIONS: ReadonlyArray<(old: JsonObject) => JsonObject> = [migrateTo1, migrateTo2];
