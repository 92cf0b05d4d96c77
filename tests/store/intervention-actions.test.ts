import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits';
import { appStore, editDocument, recordInDocument, setRuntime } from '../../src/store/app-store';
import { toIntervention } from '../../src/store/condition-run';
import { defaultDocument } from '../../src/store/default-document';
import { addCondition, addIntervention, patchCondition, patchIntervention } from '../../src/store/intervention-actions';
import { presentTarget } from '../../src/ui/recipe/clamp-target';
import { sampleDirection } from '../document/sample-document';

const { getState } = appStore;
const names = () => getState().document.conditions.map(({ name }) => name);
const lastEdit = () => {
  const record = getState().document.interventions.at(-1);
  if (!record) throw new Error('an intervention is expected');
  return record;
};

beforeEach(() => {
  recordInDocument(defaultDocument);
  setRuntime({ notices: [] });
});

describe('what is added', () => {
  test('has a name that nothing else has, so that a list of results tells it apart', () => {
    addIntervention('steer');
    addIntervention('steer');
    addCondition();
    addCondition();
    expect(getState().document.interventions.map(({ name }) => name)).toEqual(['Ablation', 'Steering', 'Steering 2', 'Steering 3']);
    expect(names().slice(3)).toEqual(['base + steering', 'base + steering 2', 'base + steering 3', 'new condition', 'new condition 2']);
  });

  test('is refused where a link could not hold it', () => {
    const fill = () => {
      for (;;) addCondition();
    };
    expect(fill).toThrow(`conditions: expected at most ${LIMITS.conditionCount}, got ${LIMITS.conditionCount + 1}. Delete some first.`);
    expect(() => addIntervention('ablate')).toThrow('conditions: expected at most');
    expect(getState().document.conditions).toHaveLength(LIMITS.conditionCount);
    expect(getState().document.interventions).toHaveLength(2);
    const [record] = getState().document.interventions;
    if (!record) throw new Error('an intervention is expected');
    const many = Array.from({ length: LIMITS.interventionCount }, (_, index) => ({ ...record, id: `i${index}` }));
    editDocument((document) => ({ ...document, conditions: [], interventions: many }));
    expect(() => addIntervention('ablate')).toThrow('interventions: expected at most');
  });
});

describe('another operation', () => {
  test('renames what was named after the one before', () => {
    patchIntervention('steering', { operation: 'ablate' });
    expect(names()[3]).toBe('base + ablation');
    expect(getState().document.interventions[1]?.name).toBe('Ablation 2');
    patchIntervention('steering', { operation: 'steer' });
    expect(names()[3]).toBe('base + steering');
    expect(getState().document.interventions[1]?.name).toBe('Steering');
  });

  test('leaves names that a person gave', () => {
    patchCondition('steered', { name: 'my + steering rod' });
    patchIntervention('steering', { name: 'North' });
    patchIntervention('steering', { operation: 'clamp' });
    expect(names()[3]).toBe('my + steering rod');
    expect(getState().document.interventions[1]).toMatchObject({ name: 'North', operation: 'clamp' });
  });

  test('never takes the number of the one before', () => {
    const direction = { ...sampleDirection(8), id: 'medicine' };
    addIntervention('clamp');
    patchIntervention(lastEdit().id, { clampTo: 'number', clampNumber: 250 });
    expect(toIntervention(lastEdit(), [direction])).toMatchObject({ operation: 'clamp', coefficient: 250 });
    patchIntervention(lastEdit().id, { operation: 'steer' });
    expect(toIntervention(lastEdit(), [direction])).toMatchObject({ operation: 'steer', coefficient: 0.3 });
    patchIntervention(lastEdit().id, { coefficient: 0.8, operation: 'clamp' });
    expect(toIntervention(lastEdit(), [direction])).toMatchObject({ operation: 'clamp', coefficient: 250 });
  });

  test('a clamp to a number starts where the clamp stood', () => {
    const means = { negativeMeanProjection: -97.24, positiveMeanProjection: null };
    expect(presentTarget({ clampTo: 'negativeMean', clampNumber: 3 }, means)).toBe(-97.2);
    expect(presentTarget({ clampTo: 'positiveMean', clampNumber: 3 }, means)).toBe(0);
    expect(presentTarget({ clampTo: 'zero', clampNumber: 3 }, undefined)).toBe(0);
    expect(presentTarget({ clampTo: 'number', clampNumber: 3 }, means)).toBe(3);
  });
});
