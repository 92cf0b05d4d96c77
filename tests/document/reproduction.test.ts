import { describe, expect, it } from 'vitest';
import { compareRecorded } from '../../src/document/reproduction';
import { sampleDocument } from './sample-document';

function recordedAnswers() {
  const { recorded } = sampleDocument(4, 4);
  if (!recorded) throw new Error('the sample has a recorded result');
  return recorded.answers;
}

describe('compareRecorded', () => {
  it('reports a full match', () => {
    const answers = recordedAnswers();
    const report = compareRecorded({ answers }, { answers: structuredClone(answers).reverse() });
    expect(report).toMatchObject({ matched: 32, total: 32, complete: true });
    expect(report.summary).toBe('reproduced 32/32 answers token by token; 56/56 scores within 0.1');
  });

  it('finds the first differing token and an answer that ended early', () => {
    const answers = recordedAnswers();
    const fresh = structuredClone(answers);
    const [first, second] = fresh;
    if (!first || !second) throw new Error('the sample has answers');
    first.ids[3] = 9;
    second.ids.pop();
    const report = compareRecorded({ answers }, { answers: fresh });
    expect(report.answers[0]?.firstDifference).toEqual({ index: 3, recordedId: answers[0]?.ids[3], freshId: 9 });
    expect(report.answers[1]?.firstDifference).toEqual({ index: second.ids.length, recordedId: answers[1]?.ids.at(-1), freshId: null });
    expect(report.summary).toMatch(/^reproduced 30\/32 answers token by token, 2 differ \(first at token 4\);/);
  });

  it('compares scores within the tolerance and counts one that is missing', () => {
    const answers = recordedAnswers();
    const fresh = structuredClone(answers);
    const [first, second, third] = fresh;
    if (!first || !second || !third) throw new Error('the sample has answers');
    first.scores.alignment = (first.scores.alignment ?? 0) + 0.05;
    second.scores.alignment = null;
    third.scores.alignment = ((third.scores.alignment ?? 0) + 50) % 100;
    const report = compareRecorded({ answers }, { answers: fresh });
    expect(report.answers[0]?.scoreDifferences).toEqual([]);
    expect(report.answers[1]?.scoreDifferences.map((difference) => difference.name)).toEqual(['alignment']);
    expect(report.answers[2]?.scoreDifferences).toHaveLength(1);
    expect(report).toMatchObject({ matched: 32, matchedScores: 54, totalScores: 56, complete: false });
  });

  it('counts answers that the fresh run lacks and ignores more', () => {
    const answers = recordedAnswers();
    const report = compareRecorded(
      { answers },
      { answers: [...answers.slice(1), { ...answers[0], questionId: 'other' } as (typeof answers)[number]] },
    );
    expect(report).toMatchObject({ matched: 31, total: 32, complete: false });
    expect(report.answers[0]).toMatchObject({ present: false, tokensMatch: false });
    expect(report.summary).toContain('31/32 answers token by token, 1 missing');
  });
});
