import { beforeEach, expect, test } from 'vitest';
import type { VaneDocument } from '../../src/document/schema';
import { clearAnswers, dropOrphans, markStale, placeRecorded } from '../../src/store/answers';
import { appStore, recordInDocument } from '../../src/store/app-store';
import type { AnswerState } from '../../src/store/state';

const IDS = ['one', 'two', 'three'];

function ask(...ids: string[]): void {
  recordInDocument(
    (document): VaneDocument => ({
      ...document,
      questions: { setId: 'own', items: ids.map((id) => ({ id, text: `${id}?`, domain: null })) },
    }),
  );
}

function answerTo(questionId: string): AnswerState {
  return {
    conditionId: 'base',
    questionId,
    sample: 0,
    status: 'done',
    ids: [1],
    tokens: ['Rest.'],
    projections: [],
    stopReason: 'stop',
    scores: null,
    stale: false,
    staleFrom: null,
  };
}

const stale = () =>
  Object.values(appStore.getState().runtime.answers)
    .filter((answer) => answer.stale)
    .map(({ questionId }) => questionId);

beforeEach(() => {
  clearAnswers();
  ask(...IDS);
  placeRecorded(IDS.map(answerTo));
});

test('answers stay fresh while their questions keep their places', () => {
  markStale();
  expect(stale()).toEqual([]);
  ask(...IDS, 'four');
  markStale();
  expect(stale()).toEqual([]);
});

test('a question that is taken out makes the answers after it stale: their random streams are of other places', () => {
  ask('one', 'three');
  dropOrphans();
  markStale();
  expect(Object.keys(appStore.getState().runtime.answers)).toHaveLength(2);
  expect(stale()).toEqual(['three']);
  ask(...IDS);
  markStale();
  expect(stale()).toEqual([]);
});
