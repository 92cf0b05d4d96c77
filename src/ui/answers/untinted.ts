import { VaneError } from '../../core/errors';
import { LIMITS } from '../../core/limits';
import { fixesReading } from '../../store/condition-run';
import { shownDirection } from '../../store/generation';
import type { AppState } from '../../store/state';
import { conditionLetter } from '../parts/condition-key';

/** Letters of the conditions whose own edit sets what the tint would show, joined with commas; empty when there are none. */
export function untintedLetters({ document, session, runtime }: AppState): string {
  const direction = shownDirection(runtime.directions, session.activeDirectionId);
  if (!direction || session.bypass) return '';
  // Before a model is loaded any block may be there.
  const nLayers = runtime.modelInfo?.nLayers ?? LIMITS.nLayers;
  return document.conditions
    .flatMap((condition, index) => {
      try {
        return fixesReading(document, condition, direction, nLayers) ? [conditionLetter(index)] : [];
      } catch (error) {
        // A block range that is being typed fixes nothing yet.
        if (error instanceof VaneError) return [];
        throw error;
      }
    })
    .join(', ');
}
