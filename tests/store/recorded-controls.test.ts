import { describe, expect, test } from 'vitest';
import { recordedControls, toRecordedControls } from '../../src/store/recorded-controls';
import { controlsSignature, ranBy, staleControlsLabel } from '../../src/store/staleness';
import type { AppState } from '../../src/store/state';
import { fullState } from '../gallery/sample-state';

/** The sample workbench, its controls made under its own setting. */
function withControls(): AppState {
  const state = fullState();
  const controls = Object.entries(state.runtime.controls).map(([id, all]) => [
    id,
    all.map((control) => ({ ...control, madeUnder: controlsSignature(state.document, id, ranBy(state)) })),
  ]);
  return { ...state, runtime: { ...state.runtime, controls: Object.fromEntries(controls) } };
}

/** Opens what a state would record. */
function reopened(state: AppState): AppState {
  const { document, runtime } = state;
  const controls = toRecordedControls(state);
  const record = {
    createdAt: '2026-01-02T03:04:05.000Z',
    engineVersion: '1',
    backend: 'wasm' as const,
    weights: 'f32' as const,
    judgeName: '',
    answers: [],
  };
  const opened = { ...document, recorded: { ...record, ...(controls ? { controls } : {}) } };
  return { ...state, document: opened, runtime: { ...runtime, controls: recordedControls(opened) } };
}

describe('controls in a document', () => {
  test('stand beside the same effects again, with their intervals, and are fresh', () => {
    const before = withControls();
    const after = reopened(before);
    const ids = Object.keys(before.runtime.controls);
    expect(ids.length).toBeGreaterThan(0);
    expect(Object.keys(after.runtime.controls)).toEqual(ids);
    for (const id of ids) {
      expect(staleControlsLabel(after, id)).toBeNull();
      for (const [index, control] of (before.runtime.controls[id] ?? []).entries()) {
        const back = after.runtime.controls[id]?.[index];
        expect(back).toMatchObject({ kind: control.kind, label: control.label, status: 'done', em: { k: control.em.k, n: control.em.n } });
        expect(back?.alignment.mean).toBeCloseTo(control.alignment.mean ?? Number.NaN, 2);
        expect(back?.alignment.n).toBe(control.alignment.n);
      }
    }
  });

  test('are left out when they are stale, unfinished or absent', () => {
    const state = withControls();
    const without = (controls: AppState['runtime']['controls']) =>
      toRecordedControls({ ...state, runtime: { ...state.runtime, controls } });
    const changed = (patch: object) =>
      Object.fromEntries(Object.entries(state.runtime.controls).map(([id, all]) => [id, all.map((control) => ({ ...control, ...patch }))]));
    expect(without(changed({ madeUnder: 'another setting' }))).toBeUndefined();
    expect(without(changed({ status: 'running' }))).toBeUndefined();
    expect(without({})).toBeUndefined();
  });
});
