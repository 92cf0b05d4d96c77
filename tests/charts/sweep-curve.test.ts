import { describe, expect, it } from 'vitest';
import { incoherentRanges, interpolate, type SweepCurvePoint, scoredPoints } from '../../src/charts/sweep-curve';

function point(coefficient: number, alignment: number | null, coherence: number | null): SweepCurvePoint {
  const estimate = (mean: number | null) => ({ mean, low: mean, high: mean, n: mean === null ? 2 : 32 });
  return { coefficient, alignment: estimate(alignment), coherence: estimate(coherence) };
}

describe('curves of a sweep', () => {
  it('sorts by coefficient and leaves out what has no alignment', () => {
    const points = scoredPoints([point(1, 10, 20), point(0, 90, 95), point(0.5, null, 80)]);
    expect(points.map((one) => one.coefficient)).toEqual([0, 1]);
  });

  it('interpolates between neighbours and never beyond what was measured', () => {
    const points = scoredPoints([point(0, 90, 100), point(1, 50, 60)]);
    expect(interpolate(points, 0.25, (one) => one.alignment.mean)).toBeCloseTo(80);
    expect(interpolate(points, 1, (one) => one.alignment.mean)).toBe(50);
    expect(interpolate(points, 1.01, (one) => one.alignment.mean)).toBeNull();
    expect(interpolate([], 0, (one) => one.alignment.mean)).toBeNull();
  });

  it('finds incoherent ranges at both ends, with interpolated crossings', () => {
    const points = scoredPoints([point(-1, 90, 20), point(-0.5, 90, 80), point(0, 90, 90), point(0.5, 50, 60), point(1, 10, 40)]);
    const [left, right] = incoherentRanges(points) as [[number, number], [number, number]];
    expect(left[0]).toBe(-1);
    expect(left[1]).toBeCloseTo(-0.75);
    expect(right[0]).toBeCloseTo(0.75);
    expect(right[1]).toBe(1);
  });

  it('does not carry a range over points without a coherence score', () => {
    const points = scoredPoints([point(0, 90, 40), point(0.5, 50, 30), point(1, 10, null)]);
    expect(incoherentRanges(points)).toEqual([[0, 0.5]]);
  });
});
