import { describe, expect, test } from 'vitest';
import type { VaneDocument } from '../../src/document/schema';
import {
  controlsSignature,
  isMapStale,
  isProfileStale,
  isScatterStale,
  isSweepStale,
  ranBy,
  readAlong,
  readingsSetting,
  shownControls,
  staleControlsCauses,
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
      sweepsMadeUnder: { steering: sweepSignature(document, 'steering', ranBy(state)) },
      readingsMadeUnder: readingsSetting(document, ranBy(state)),
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

  test('stale controls name what has changed since they were made, and nothing else', () => {
    const questions = { setId: 'own', items: [{ id: 'q1', text: 'Another?', domain: null }] };
    const judge: VaneDocument['judge'] = { kind: 'programmatic', rule: { type: 'language', language: 'french' } };
    const causes = (change: Partial<VaneDocument>) =>
      staleControlsCauses(
        changed((document) => ({ ...document, ...change })),
        'steered',
      );
    expect(staleControlsCauses(measured(), 'steered')).toEqual([]);
    expect(causes({ judge })).toEqual(['judge']);
    expect(causes({ questions })).toEqual(['questions']);
    expect(causes({ questions, judge })).toEqual(['questions', 'judge']);
    expect(staleControlsCauses(withSteering({ blocks: '2' }), 'steered')).toEqual(['setting']);
    expect(staleControlsCauses(withSteering({ coefficient: 0.9 }), 'ablated')).toEqual([]);
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

  test('another judge splits a sampled contrast in another way, and pairs in none', () => {
    const judge: VaneDocument['judge'] = { kind: 'programmatic', rule: { type: 'language', language: 'french' } };
    expect(isProfileStale(changed((document) => ({ ...document, judge })))).toBe(true);
    const pairs = changed((document) => ({ ...document, contrast: { kind: 'pairs', rows: [] } }));
    const read = { ...pairs, runtime: { ...pairs.runtime, readingsMadeUnder: readingsSetting(pairs.document, ranBy(pairs)) } };
    expect(isProfileStale({ ...read, document: { ...read.document, judge } })).toBe(false);
  });

  test('the seed of the answers is no part of what a contrast reads', () => {
    const reseeded = changed((document) => ({ ...document, sampling: { ...document.sampling, seed: 99 } }));
    expect(isProfileStale(reseeded)).toBe(false);
    expect(isSweepStale(reseeded, 'steering')).toBe(true);
  });

  test('weights and backend make everything stale that was measured with others', () => {
    const state = measured();
    const { modelInfo } = state.runtime;
    if (!modelInfo) throw new Error('the sample has a model');
    for (const patch of [{ weights: 'q4' as const }, { backend: 'webgpu' as const }]) {
      const reloaded = { ...state, runtime: { ...state.runtime, modelInfo: { ...modelInfo, ...patch } } };
      expect(isSweepStale(reloaded, 'steering')).toBe(true);
      expect(isProfileStale(reloaded)).toBe(true);
      expect(staleControlsLabel(reloaded, 'steered')).toBe('+0.35');
    }
  });

  test('a recorded figure is of the weights and backend of its recording, before a model is loaded and with the same one after', () => {
    const state = measured();
    const recorded = { createdAt: '', engineVersion: '1', backend: 'wasm' as const, weights: 'q8' as const, judgeName: '', answers: [] };
    const document = { ...state.document, recorded };
    const runtime = { ...state.runtime, sweepsMadeUnder: { steering: sweepSignature(document, 'steering') }, modelInfo: null };
    expect(isSweepStale({ ...state, document, runtime }, 'steering')).toBe(false);
    const loaded = (weights: 'q8' | 'f32') => {
      const { modelInfo } = state.runtime;
      return { ...state, document, runtime: { ...runtime, modelInfo: modelInfo && { ...modelInfo, weights } } };
    };
    expect(isSweepStale(loaded('q8'), 'steering')).toBe(false);
    expect(isSweepStale(loaded('f32'), 'steering')).toBe(true);
  });

  test('an unknown condition has no controls', () => {
    const { document } = measured();
    expect(controlsSignature(document, 'no such')).toBe('');
    expect(staleControlsLabel(measured(), 'no such')).toBeNull();
  });
});

describe('controls beside an effect', () => {
  const kinds = (state: AppState) => shownControls(state, 'steered').map(({ kind }) => kind);
  const withChips = (controls: Partial<VaneDocument['controls']>) =>
    changed((document) => ({ ...document, controls: { ...document.controls, ...controls } }));

  test('are those that are switched on', () => {
    expect(kinds(measured())).toEqual(['random', 'flipped']);
    expect(kinds(withChips({ random: false }))).toEqual(['flipped']);
    expect(kinds(withChips({ random: false, flipped: false }))).toEqual([]);
    expect(shownControls(measured(), 'base')).toEqual([]);
  });

  test('are the same list while nothing has changed, so that nothing is drawn anew', () => {
    const state = withChips({ random: false });
    expect(shownControls(state, 'steered')).toBe(shownControls({ ...state }, 'steered'));
    expect(shownControls(state, 'no such')).toBe(shownControls(state, 'base'));
  });
});

describe('a map is stale', () => {
  const state = fullState();
  const { map } = state.runtime;
  if (!map) throw new Error('the sample has a map');
  const key = `${map.conditionId}|${map.questionId}|${map.sample}`;
  const answer = state.runtime.answers[key];
  if (!answer) throw new Error('the sample has the answer that is mapped');
  const withAnswers = (answers: AppState['runtime']['answers']) => ({ ...state, runtime: { ...state.runtime, answers } });

  test('not while its answer and direction stand', () => {
    expect(isMapStale(state)).toBe(false);
    expect(isMapStale(withAnswers({ [key]: { ...answer, ids: [...answer.ids] } }))).toBe(false);
  });

  test('when its question set is gone, its answer was written anew, or its setting has changed', () => {
    expect(isMapStale(withAnswers({}))).toBe(true);
    expect(isMapStale(withAnswers({ [key]: { ...answer, ids: [7, 7] } }))).toBe(true);
    expect(isMapStale(withAnswers({ [key]: { ...answer, stale: true } }))).toBe(true);
  });

  test('when another direction tints the words, or other weights answer', () => {
    const directions = state.document.directions.map((record, index) => (index === 1 ? { ...record, values: 'BBBB' } : record));
    const document = { ...state.document, directions };
    expect(isMapStale({ ...state, document })).toBe(false);
    expect(isMapStale({ ...state, document, session: { ...state.session, activeDirectionId: 'finance' } })).toBe(true);
    expect(readAlong({ ...state, document: { ...document, directions: [] } })).toBe('');
    const { modelInfo } = state.runtime;
    const q4 = modelInfo && { ...modelInfo, weights: 'q4' as const };
    expect(isMapStale({ ...state, runtime: { ...state.runtime, modelInfo: q4 } })).toBe(true);
  });
});
