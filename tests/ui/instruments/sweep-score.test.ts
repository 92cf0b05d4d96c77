import { describe, expect, test } from 'vitest';
import type { Estimate, SweepPoint } from '../../../src/store/state';
import { sweepCurve, sweepScoreName, unscoredSweepText } from '../../../src/ui/instruments/sweep-score';

const counted = (n: number): Estimate => ({ mean: n < 8 ? null : 40, low: n < 8 ? null : 35, high: n < 8 ? null : 45, n });
const point = (alignment: number, custom: number): SweepPoint => ({
  coefficient: 0.5,
  alignment: counted(alignment),
  coherence: counted(alignment),
  custom: counted(custom),
  em: { k: 0, n: 0, low: 0, high: 1 },
});

describe('a sweep', () => {
  test('is of alignment, or of the judge’s own score where no point has an alignment', () => {
    expect(sweepScoreName([])).toBe('alignment');
    expect(sweepScoreName([point(0, 0)])).toBe('alignment');
    expect(sweepScoreName([point(32, 32)])).toBe('alignment');
    expect(sweepScoreName([point(0, 32), point(0, 0)])).toBe('score');
    expect(sweepCurve([point(0, 32)], 'score')[0]?.alignment).toMatchObject({ mean: 40, n: 32 });
    expect(sweepCurve([point(0, 32)], 'alignment')[0]?.alignment.mean).toBeNull();
  });

  test('says that no coefficient has enough scored answers, and nothing else', () => {
    expect(unscoredSweepText([])).toBeNull();
    expect(unscoredSweepText([point(4, 0), point(8, 0)])).toBeNull();
    expect(unscoredSweepText([point(0, 8)])).toBeNull();
    expect(unscoredSweepText([point(4, 0), point(2, 0)])).toBe(
      'No coefficient of the sweep has the 8 scored answers that make a figure; the most is 4.',
    );
    expect(unscoredSweepText([point(0, 0)])).toBe('No coefficient of the sweep has the 8 scored answers that make a figure.');
  });
});
