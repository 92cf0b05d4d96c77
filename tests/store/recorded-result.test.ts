import { beforeEach, describe, expect, test } from 'vitest';
import type { RecordedRecord, VaneDocument } from '../../src/document/schema';
import { appStore, recordInDocument, setRuntime } from '../../src/store/app-store';
import { documentWithRecord, recordableAnswers } from '../../src/store/recorded-result';
import { ranBy, readingsSetting, sweepSignature } from '../../src/store/staleness';
import type { AnswerState, AppState } from '../../src/store/state';
import { linkContents } from '../../src/ui/top-bar/share-button';
import { fullState } from '../gallery/sample-state';
import { ruleSweep } from '../gallery/samples';

const { getState } = appStore;
const change = (patch: (document: VaneDocument) => VaneDocument) => recordInDocument(patch);
const record = (): RecordedRecord => {
  const { recorded } = documentWithRecord();
  if (!recorded) throw new Error('a record is expected');
  return recorded;
};
const changeAnswers = (patch: (answer: AnswerState) => Partial<AnswerState>) =>
  setRuntime(({ answers }) => ({
    answers: Object.fromEntries(Object.entries(answers).map(([key, answer]) => [key, { ...answer, ...patch(answer) }])),
  }));

/** The sample workbench with everything measured under its own settings. */
beforeEach(() => {
  const state: AppState = fullState();
  const { document, runtime } = state;
  change(() => document);
  setRuntime({
    ...runtime,
    sweepsMadeUnder: { steering: sweepSignature(document, 'steering', ranBy(state)) },
    readingsMadeUnder: readingsSetting(document, ranBy(state)),
  });
});

const shown = ({ sweep, profile, scatter, controls }: RecordedRecord) =>
  Object.entries({ sweep, profile, scatter, controls }).flatMap(([name, value]) => (value ? [name] : []));

describe('a record holds what is of the present settings', () => {
  test('all of it while nothing has changed', () => {
    expect(shown(record())).toEqual(['sweep', 'profile', 'scatter', 'controls']);
  });

  test('no sweep or controls of other questions', () => {
    change((document) => ({ ...document, questions: { ...document.questions, items: document.questions.items.slice(0, 2) } }));
    expect(shown(record())).toEqual(['profile', 'scatter']);
  });

  test('a sweep with the judge’s own score, where it gives one', () => {
    expect(record().sweep?.every((point) => !('custom' in point))).toBe(true);
    setRuntime({ sweeps: { steering: ruleSweep } });
    expect(record().sweep?.[0]).toMatchObject({ alignment: null, coherence: null, custom: { n: 32 } });
  });

  test('no activations of another hook point, and nothing read in another way', () => {
    const withSettings = (patch: object) =>
      change((document) => ({ ...document, directionSettings: { ...document.directionSettings, ...patch } }));
    withSettings({ hookPoint: 'blocks.2.hook_resid_post' });
    expect(shown(record())).toEqual(['sweep', 'profile', 'controls']);
    withSettings({ pool: 'response' });
    expect(shown(record())).toEqual(['sweep', 'controls']);
  });

  test('nothing that another judge has scored or split', () => {
    change((document) => ({ ...document, judge: { kind: 'programmatic', rule: { type: 'language', language: 'french' } } }));
    expect(shown(record())).toEqual([]);
  });

  test('no lean of an earlier setting', () => {
    const leans = () => Object.keys(record().lean ?? {});
    expect(leans()).toContain('steered');
    const { steered } = getState().runtime.summaries;
    if (!steered) throw new Error('the sample has a steered condition');
    setRuntime(({ summaries }) => ({ summaries: { ...summaries, steered: { ...steered, leanStale: true } } }));
    expect(leans()).not.toContain('steered');
    expect(leans()).toContain('base');
    changeAnswers(({ conditionId }) => ({ stale: conditionId === 'base' }));
    expect(leans()).not.toContain('base');
  });

  test('no control that is switched off', () => {
    change((document) => ({ ...document, controls: { ...document.controls, flipped: false } }));
    expect(record().controls?.steered?.map(({ kind }) => kind)).toEqual(['random']);
    change((document) => ({ ...document, controls: { ...document.controls, random: false } }));
    expect(record().controls).toBeUndefined();
  });

  test('of an opened record too', () => {
    const recorded = record();
    change((document) => ({ ...document, recorded }));
    changeAnswers(() => ({ status: 'recorded' }));
    setRuntime({ recordedOnly: true, recordedJudge: getState().document.judge });
    expect(record()).toEqual(recorded);
    change((document) => ({ ...document, directionSettings: { ...document.directionSettings, pool: 'response' } }));
    expect(shown(record())).toEqual(['sweep', 'controls']);
    expect(record().answers).toEqual(recorded.answers);
  });
});

describe('what a link is said to hold', () => {
  test('is what it holds: no answers of an earlier setting, none that is being written', () => {
    const { length } = Object.keys(getState().runtime.answers);
    expect(linkContents(getState())).toContain(`seeds and ${length} answers with scores.`);
    changeAnswers(({ conditionId }) => ({ stale: conditionId === 'steered' }));
    const { answers } = record();
    expect(recordableAnswers(getState())).toHaveLength(answers.length);
    expect(linkContents(getState())).toContain(
      `${answers.length} answers with scores. ${length - answers.length} answers of an earlier setting are left out.`,
    );
    changeAnswers(({ questionId, stale }) => ({ status: questionId === 'q1' && !stale ? 'streaming' : 'done' }));
    expect(recordableAnswers(getState())).toHaveLength(record().answers.length);
  });

  test('is no answers where nobody knows what they were made with', () => {
    setRuntime({ modelInfo: null });
    expect(documentWithRecord().recorded).toBeNull();
    expect(linkContents(getState())).toContain('seeds and no answers.');
  });
});
