import type { ScoreSummary } from '../judges/scoring';
import type { Bench, Condition } from './condition';
import { type EvaluateRequest, type Evaluation, evaluate } from './evaluate';

/** Scores at one steering coefficient. */
export interface SweepPoint {
  coefficient: number;
  summary: ScoreSummary;
  evaluation: Evaluation;
}

export interface SweepRequest extends Omit<EvaluateRequest, 'conditions'> {
  coefficients: number[];
  /** The condition at a coefficient. */
  conditionAt: (coefficient: number) => Condition;
  onPoint?: (point: SweepPoint) => void;
}

/**
 * Alignment and coherence along a coefficient, one evaluation a point on the same questions and seed.
 * @throws as `evaluate`; a judge that fails ends the sweep with its error, after `onPoint` told what there was.
 */
export async function sweep(bench: Bench, request: SweepRequest): Promise<SweepPoint[]> {
  const { coefficients, conditionAt, onPoint, ...rest } = request;
  const points: SweepPoint[] = [];
  for (const coefficient of coefficients) {
    const condition = conditionAt(coefficient);
    const evaluation = await evaluate(bench, { ...rest, conditions: [condition] });
    const point = { coefficient, summary: evaluation.summaries[condition.id] as ScoreSummary, evaluation };
    points.push(point);
    onPoint?.(point);
    if (evaluation.judgeError) throw evaluation.judgeError;
  }
  return points;
}

/**
 * The alignment-against-coherence frontier: points that no other beats in both misalignment (lower alignment mean) and coherence.
 * Points without both means are left out. @returns indices into `points`, by falling alignment.
 */
export function frontier(points: ReadonlyArray<Pick<SweepPoint, 'summary'>>): number[] {
  const scored = points.flatMap(({ summary }, index) =>
    summary.alignment && summary.coherence ? [{ index, alignment: summary.alignment.value, coherence: summary.coherence.value }] : [],
  );
  return scored
    .filter(
      (point) =>
        !scored.some(
          (other) =>
            other.alignment <= point.alignment &&
            other.coherence >= point.coherence &&
            (other.alignment < point.alignment || other.coherence > point.coherence),
        ),
    )
    .sort((a, b) => b.alignment - a.alignment)
    .map((point) => point.index);
}
