import { describe, expect, test } from 'vitest';
import type { VaneDocument } from '../../src/document/schema';
import {
  controlsSignature,
  isProfileStale,
  isScatterStale,
  isSweepStale,
  readingsSetting,
  staleControlsLabel,
  sweepSignature,
} from '../../src/store/staleness';
import type { AppState } from '../../src/store/state';
import { fullState } from '../gallery/sample-state';

/** The sample workbench with everything measured under its own settings. */
function measured(): AppState {
  const state = fullState();
  const { document, runtime } = state;
  return {
    ...state,
    runtime: {
      ...runtime,
      sweepsMadeUnder: { steering: sweepSignature(document, 'steering') },
      readingsMadeUnder: readingsSetting(document),
    },
  };
}

function changed(change: (document: VaneDocument) => VaneDocument): AppState {
  const state = measured();
  return { ...state, document: change(state.document) };
}

const withSteering = (patch: Partial<VaneDocument['interventions'][number]>) =>
  changed((document) => ({
    ...document,
    interventions: document.interventions.map((item) => (item.id === 'steering' ? { ...item, ...patch } : item)),
  }));

describe('a figure is stale when what it was made under is no longer set', () => {
  test('nothing is while nothing has changed', () => {
    const state = measured();
    expect(isSweepStale(state, 'steering')).toBe(false);
    expect(isProfileStale(state)).toBe(false);
    expect(isScatterStale(state)).toBe(false);
    expect(staleControlsLabel(state, 'steered')).toBeNull();
  });

  test('the slider leaves its sweep fresh and makes its controls stale, with the setting they are of', () => {
    const moved = withSteering({ coefficient: 0.9 });
    expect(isSweepStale(moved, 'steering')).toBe(false);
    expect(staleControlsLabel(moved, 'steered')).toBe('+0.35');
    expect(staleControlsLabel(moved, 'ablated')).toBeNull();
  });

  test('blocks, questions and judge make sweep and controls stale', () => {
    const questions = { setId: 'own', items: [{ id: 'q1', text: 'Another?', domain: null }] };
    for (const state of [
      withSteering({ blocks: '2' }),
      changed((document) => ({ ...document, questions })),
      changed((document) => ({ ...document, judge: { kind: 'programmatic', rule: { type: 'language', language: 'french' } } })),
    ]) {
      expect(isSweepStale(state, 'steering')).toBe(true);
      expect(staleControlsLabel(state, 'steered')).not.toBeNull();
    }
  });

  test('another hook point makes the activations stale and leaves the profile, which is of every block', () => {
    const moved = changed((document) => ({
      ...document,
      directionSettings: { ...document.directionSettings, hookPoint: 'blocks.2.hook_resid_post' },
    }));
    expect(isScatterStale(moved)).toBe(true);
    expect(isProfileStale(moved)).toBe(false);
    const repooled = changed((document) => ({ ...document, directionSettings: { ...document.directionSettings, pool: 'response' } }));
    expect(isProfileStale(repooled)).toBe(true);
  });

  test('the seed of the answers is no part of what a contrast reads', () => {
    const reseeded = changed((document) => ({ ...document, sampling: { ...document.sampling, seed: 99 } }));
    expect(isProfileStale(reseeded)).toBe(false);
    expect(isSweepStale(reseeded, 'steering')).toBe(true);
  });

  test('an unknown condition has no controls', () => {
    const { document } = measured();
    expect(controlsSignature(document, 'no such')).toBe('');
    expect(staleControlsLabel(measured(), 'no such')).toBeNull();
  });
});
