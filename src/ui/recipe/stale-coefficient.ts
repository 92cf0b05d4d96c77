import type { InterventionRecord } from '../../document/schema';
import type { AppState } from '../../store/state';
import { parseNumber } from '../parts/number-field';

/** The coefficient that stale answers on screen were made with; null when none is stale or they say something else. */
export function staleCoefficient({ document, runtime }: AppState, intervention: InterventionRecord): number | null {
  const conditionIds = new Set(
    document.conditions.flatMap(({ id, interventionIds }) => (interventionIds.includes(intervention.id) ? [id] : [])),
  );
  for (const answer of Object.values(runtime.answers)) {
    if (answer.stale && answer.staleFrom && conditionIds.has(answer.conditionId)) return parseNumber(answer.staleFrom);
  }
  return null;
}
