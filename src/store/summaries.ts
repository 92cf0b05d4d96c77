import type { Interval } from '../analysis/intervals';
import { summarise } from '../judges/scoring';
import { flushAnswers } from './answers';
import { appStore, setRuntime } from './app-store';
import type { AnswerScores, AnswerState, ConditionSummary, Estimate, Rate } from './state';

/** Resamples of the bootstrap while figures move; enough for a stable third digit. */
const RESAMPLES = 400;
const INTERVAL_MS = 150;
let timer: ReturnType<typeof setTimeout> | null = null;

export const NO_ESTIMATE: Estimate = { mean: null, low: null, high: null, n: 0 };

/** An interval of the analysis as an estimate; none below eight values. */
export function toEstimate(interval: (Interval & { count: number }) | null | undefined, n = 0): Estimate {
  return interval ? { mean: interval.value, low: interval.low, high: interval.high, n: interval.count } : { ...NO_ESTIMATE, n };
}

/** Means, intervals and the EM rate of a set of scored answers. */
export function summariseScores(
  scores: ReadonlyArray<AnswerScores>,
): Pick<ConditionSummary, 'alignment' | 'coherence' | 'domain' | 'custom' | 'em' | 'unscored'> {
  const summary = summarise(
    scores.map(({ domain, verdict, ...rest }) => ({ ...rest, verdict: verdict ?? undefined, domain: domain === null ? null : { domain } })),
    { resamples: RESAMPLES },
  );
  const count = (kind: 'alignment' | 'coherence' | 'domain' | 'custom') => scores.filter((score) => score[kind] !== null).length;
  const em: Rate = summary.em
    ? { k: summary.em.count, n: summary.em.total, low: summary.em.low, high: summary.em.high }
    : { k: 0, n: 0, low: 0, high: 1 };
  return {
    alignment: toEstimate(summary.alignment, count('alignment')),
    coherence: toEstimate(summary.coherence, count('coherence')),
    domain: toEstimate(summary.domain.domain, count('domain')),
    custom: toEstimate(summary.custom, count('custom')),
    em,
    unscored: summary.unscored,
  };
}

type Summarised = ReturnType<typeof summariseScores>;
const summarised = new Map<string, { scores: readonly AnswerScores[]; figures: Summarised }>();

/** The same figures for the same scores: a bootstrap costs milliseconds, and most refreshes change one condition. */
function summariseOnce(conditionId: string, scores: readonly AnswerScores[]): Summarised {
  const known = summarised.get(conditionId);
  if (known && known.scores.length === scores.length && known.scores.every((score, index) => score === scores[index])) return known.figures;
  const figures = summariseScores(scores);
  summarised.set(conditionId, { scores, figures });
  return figures;
}

/** Figures of each condition from the answers on screen, fresh ones before stale ones. */
export function refreshSummaries(): void {
  if (timer) clearTimeout(timer);
  timer = null;
  flushAnswers();
  const { document, runtime } = appStore.getState();
  const byCondition = new Map<string, AnswerState[]>(document.conditions.map(({ id }) => [id, []]));
  for (const answer of Object.values(runtime.answers)) byCondition.get(answer.conditionId)?.push(answer);
  const summaries: Record<string, ConditionSummary> = {};
  for (const [id, answers] of byCondition) {
    const fresh = answers.filter((answer) => !answer.stale && answer.scores !== null);
    const stale = answers.filter((answer) => answer.stale && answer.scores !== null);
    // Until a figure of the present setting can stand, the old one stays and says that it is old.
    const shown = fresh.length >= 8 || stale.length === 0 ? fresh : stale;
    const before = runtime.summaries[id];
    const recordedLean = document.recorded?.lean?.[id];
    summaries[id] = {
      ...summariseOnce(
        id,
        shown.flatMap(({ scores }) => (scores ? [scores] : [])),
      ),
      fresh: fresh.length,
      stale: shown === stale && stale.length > 0,
      lean: before?.lean ?? recordedLean ?? null,
      leanStale: before?.leanStale ?? false,
    };
  }
  setRuntime({ summaries });
}

/** The same, at most every 150 ms. */
export function summariesSoon(): void {
  timer ??= setTimeout(refreshSummaries, INTERVAL_MS);
}
