import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits';
import { toDirectionRecord } from '../../src/document/direction-record';
import { appStore, clearHistory, editDocument, recordInDocument, redo, setRuntime, undo } from '../../src/store/app-store';
import { defaultDocument } from '../../src/store/default-document';
import { withDirection } from '../../src/store/direction-actions';
import { deleteIntervention, patchCondition, patchIntervention } from '../../src/store/intervention-actions';
import { sampleDirection } from '../document/sample-document';

const { getState } = appStore;
const directions = () => getState().document.directions.map(({ id }) => id);
const coefficient = () => getState().document.interventions.find(({ id }) => id === 'steering')?.coefficient;
const direction = (id: string) => toDirectionRecord({ ...sampleDirection(4), id });
/** A direction arrives by itself. */
const arrive = (id: string) => recordInDocument((document) => withDirection(document, direction(id)));

beforeEach(() => {
  recordInDocument(defaultDocument);
  clearHistory();
});

describe('what a run has reported', () => {
  test("is still there when a person's step from before it is taken back, and when it is taken again", () => {
    arrive('medicine');
    patchIntervention('steering', { coefficient: 0.4 });
    arrive('bad-finance');
    patchIntervention('steering', { coefficient: 0.1 });
    arrive('bad-sports');
    undo();
    expect(coefficient()).toBe(0.4);
    expect(directions()).toEqual(['medicine', 'bad-finance', 'bad-sports']);
    undo();
    expect(coefficient()).toBe(0.8);
    expect(directions()).toEqual(['medicine', 'bad-finance', 'bad-sports']);
    arrive('late');
    redo();
    redo();
    expect(coefficient()).toBe(0.1);
    expect(directions()).toEqual(['medicine', 'bad-finance', 'bad-sports', 'late']);
  });

  test('is no step of its own', () => {
    arrive('medicine');
    expect(getState().runtime).toMatchObject({ canUndo: false, canRedo: false });
  });

  test('joins a drag that goes on: one undo takes the drag back and leaves it', () => {
    patchIntervention('steering', { coefficient: 0.7 }, 'drag');
    arrive('medicine');
    patchIntervention('steering', { coefficient: 0.6 }, 'drag');
    undo();
    expect(coefficient()).toBe(0.8);
    expect(directions()).toEqual(['medicine']);
    expect(getState().runtime.canUndo).toBe(false);
  });

  test('leaves nothing of what a person has deleted behind', () => {
    arrive('medicine');
    editDocument((document) => ({ ...document, directions: [] }));
    arrive('bad-finance');
    expect(directions()).toEqual(['bad-finance']);
    undo();
    expect(directions()).toEqual(['medicine', 'bad-finance']);
  });

  test('never makes a state that no link could hold', () => {
    const full = Array.from({ length: LIMITS.directionCount }, (_, index) => direction(`d${index}`));
    recordInDocument((document) => ({ ...document, directions: full }));
    editDocument((document) => ({ ...document, directions: full.slice(1) }));
    arrive('new');
    expect(directions()).toContain('new');
    undo();
    expect(directions()).toHaveLength(LIMITS.directionCount);
  });
});

describe('a step of undo', () => {
  const names = () => getState().document.conditions.map(({ name }) => name);

  test('is one edit: two names of a condition are two steps, the changes of one gesture are one', () => {
    const [first] = names();
    patchCondition('base', { name: 'one' });
    patchCondition('base', { name: 'two' });
    undo();
    expect(names()[0]).toBe('one');
    undo();
    expect(names()[0]).toBe(first);
    const scale = (value: number, gesture: string) => patchCondition('base', { adapterScales: { medicine: value } }, gesture);
    scale(0.1, 'drag 1');
    scale(0.2, 'drag 1');
    scale(0.3, 'drag 2');
    undo();
    expect(getState().document.conditions[0]?.adapterScales).toEqual({ medicine: 0.2 });
    undo();
    expect(getState().document.conditions[0]?.adapterScales).toEqual({});
  });

  test('brings a deleted intervention back with its sweep', () => {
    const none = { mean: null, low: null, high: null, n: 0 };
    const points = [{ coefficient: 0.5, alignment: none, coherence: none, custom: none, em: { k: 0, n: 0, low: 0, high: 1 } }];
    setRuntime({ sweeps: { steering: points } });
    deleteIntervention('steering');
    expect(coefficient()).toBeUndefined();
    undo();
    expect(coefficient()).toBe(0.8);
    expect(getState().runtime.sweeps).toEqual({ steering: points });
  });
});
