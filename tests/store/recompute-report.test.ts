import { expect, test } from 'vitest';
import { compareRecorded } from '../../src/document/reproduction';
import { recomputeReport } from '../../src/store/recompute-report';
import { sampleDocument } from '../document/sample-document';

test('differences count tokens from 1, as the card of a token does, and say what else was not the same', () => {
  const { recorded } = sampleDocument(2, 1);
  if (!recorded) throw new Error('the sample has a record');
  const [one, two, three, ...rest] = recorded.answers;
  if (!one || !two || !three) throw new Error('the sample has three answers');
  const fresh = [{ ...one, ids: [...one.ids.slice(0, 3), 9] }, { ...two, scores: { ...two.scores, alignment: null } }, ...rest];
  const report = recomputeReport(compareRecorded(recorded, { answers: fresh }), 'setting');
  expect(report).toMatchObject({ answers: 4, matched: 2 });
  expect(report.differences.map(({ what }) => what)).toEqual([
    'differs from token 4',
    `alignment ${two.scores.alignment} → no score`,
    'not generated',
  ]);
});
