import type { AppState, ConditionSummary } from '../../store/state';
import { mainScore } from './main-score';

/** Explained words that stand in a column of scores. */
export type ScoreTerm = 'lean' | 'coherence' | 'domain' | 'em';

/** Whether a column shows a term now. */
function showsTerm(summary: ConditionSummary | undefined, term: ScoreTerm): boolean {
  if (term === 'lean') return true;
  if (!summary || summary.stale || mainScore(summary).estimate.mean === null) return false;
  return term === 'em' ? summary.em.n > 0 : summary[term].mean !== null;
}

/** The condition in whose column a term is a stop for the keyboard: the first that shows it, for all explain it alike. */
export function termStop({ document, runtime }: AppState, term: ScoreTerm): string | undefined {
  return document.conditions.find(({ id }) => showsTerm(runtime.summaries[id], term))?.id;
}
