import type { SweepCurvePoint, SweepScoreName } from '../../charts/sweep-curve';
import type { Estimate, SweepPoint } from '../../store/state';
import { SCORE_MIN_COUNT } from '../answers/main-score';

type Scored = Readonly<{ alignment: Estimate; custom: Estimate }>;

/** What a sweep is drawn of: alignment, or the judge's own score where no point has an alignment. */
export function sweepScoreName(points: readonly Scored[]): SweepScoreName {
  return points.every(({ alignment }) => alignment.n === 0) && points.some(({ custom }) => custom.n > 0) ? 'score' : 'alignment';
}

/** The points as the charts take them, with the named score in its place. */
export function sweepCurve(points: readonly SweepPoint[], score: SweepScoreName): readonly SweepCurvePoint[] {
  return score === 'alignment' ? points : points.map((point) => ({ ...point, alignment: point.custom }));
}

/** Why a sweep that has run draws nothing; null while there is none, or one of its points has a figure. */
export function unscoredSweepText(points: readonly SweepPoint[]): string | null {
  const score = sweepScoreName(points);
  const estimates = sweepCurve(points, score).map(({ alignment }) => alignment);
  if (points.length === 0 || estimates.some(({ mean }) => mean !== null)) return null;
  const most = Math.max(...estimates.map(({ n }) => n));
  return `No coefficient of the sweep has the ${SCORE_MIN_COUNT} scored answers that make a figure${most > 0 ? `; the most is ${most}` : ''}.`;
}
