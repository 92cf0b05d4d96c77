import { beforeEach, expect, test } from 'vitest';
import { currentAnswer, putAnswer } from '../../src/store/answers';
import { appStore, recordInDocument } from '../../src/store/app-store';
import { scoreSoon } from '../../src/store/scoring';
import type { AnswerState } from '../../src/store/state';
import { summariseScores } from '../../src/store/summaries';

const ANSWER: AnswerState = {
  conditionId: 'base',
  questionId: 'one',
  sample: 0,
  status: 'done',
  ids: [1, 2],
  tokens: ['I', ' would'],
  projections: [],
  stopReason: 'abort',
  scores: null,
  stale: false,
  staleFrom: null,
};
const KEY = 'base|one|0';

beforeEach(() => {
  recordInDocument((document) => ({ ...document, questions: { setId: 'own', items: [{ id: 'one', text: 'What now?', domain: null }] } }));
});

test('an answer that was cancelled half-way is never scored as a whole one', () => {
  putAnswer(ANSWER);
  scoreSoon(ANSWER);
  const { scores } = currentAnswer(KEY) as AnswerState;
  expect(scores).toEqual({ alignment: null, coherence: null, domain: null, custom: null, verdict: 'stopped before its end' });
  expect(summariseScores(scores ? [scores] : []).unscored).toBe(1);
});

test('an answer to a question that has gone meanwhile is dropped', () => {
  putAnswer({ ...ANSWER, questionId: 'gone' });
  expect(currentAnswer('base|gone|0')).toBeUndefined();
  const { samplesPerQuestion } = appStore.getState().document.sampling;
  putAnswer({ ...ANSWER, sample: samplesPerQuestion });
  expect(currentAnswer(`base|one|${samplesPerQuestion}`)).toBeUndefined();
});
