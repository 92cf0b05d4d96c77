import { plain } from '../../charts/number-text';
import { type Direction, norm } from '../../core/direction';
import type { InterventionRecord } from '../../document/schema';

/**
 * Length of what a steering intervention adds, as text: |coefficient| x the mean residual norm at its hook points (a span where they differ),
 * or x the direction's own length. In units of each token's own norm it is that at the mean norm. Null while neither is known.
 */
export function rawLengthText(
  { coefficient, unit }: Pick<InterventionRecord, 'coefficient' | 'unit'>,
  hookPoints: readonly string[],
  residualNorms: Readonly<Record<string, number>>,
  direction: Pick<Direction, 'values'> | undefined,
): string | null {
  const size = Math.abs(coefficient);
  if (unit === 'direction') return direction ? `raw length ${lengthText(size * norm(direction.values))}` : null;
  const norms = hookPoints.flatMap((hookPoint) => residualNorms[hookPoint] ?? []);
  if (norms.length === 0) return null;
  const [low, high] = [lengthText(size * Math.min(...norms)), lengthText(size * Math.max(...norms))];
  const span = low === high ? low : `${low}–${high}`;
  return unit === 'tokenNorm' ? `raw length about ${span} at the mean norm` : `raw length ${span}`;
}

function lengthText(length: number): string {
  return plain(length, length >= 100 ? 0 : length >= 1 || length === 0 ? 1 : 2);
}
