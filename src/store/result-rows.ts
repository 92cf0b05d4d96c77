import type { Cell } from '../formats/csv';
import { flushAnswers } from './answers';
import { appStore } from './app-store';
import { shownControls, staleControlsLabel } from './staleness';

/** Columns of the exported answers. */
export const ANSWER_COLUMNS = [
  'conditionId',
  'condition',
  'questionId',
  'question',
  'sample',
  'seed',
  'answer',
  'ids',
  'stopReason',
  'stale',
  'alignment',
  'coherence',
  'domain',
  'custom',
  'verdict',
  'judge',
] as const;
/** Columns of the exported figures: one row a condition and figure, controls among them. */
export const SCORE_COLUMNS = ['conditionId', 'condition', 'control', 'figure', 'value', 'low', 'high', 'n', 'stale', 'judge'] as const;

/** Every answer on screen, one row each. */
export function answerRows(): Cell[][] {
  flushAnswers();
  const { document, runtime } = appStore.getState();
  const conditions = new Map(document.conditions.map(({ id, name }) => [id, name]));
  const questions = new Map(document.questions.items.map(({ id, text }) => [id, text]));
  return Object.values(runtime.answers).map((answer) => [
    answer.conditionId,
    conditions.get(answer.conditionId) ?? '',
    answer.questionId,
    questions.get(answer.questionId) ?? '',
    answer.sample,
    document.sampling.seed,
    answer.tokens.join(''),
    answer.ids.join(' '),
    answer.stopReason,
    answer.stale,
    answer.scores?.alignment ?? null,
    answer.scores?.coherence ?? null,
    answer.scores?.domain ?? null,
    answer.scores?.custom ?? null,
    answer.scores?.verdict ?? null,
    runtime.judge.name,
  ]);
}

/** Every figure with its interval and count, and every control beside its effect; those of another setting than the present one say so. */
export function scoreRows(): Cell[][] {
  const state = appStore.getState();
  const { document, runtime } = state;
  return document.conditions.flatMap(({ id, name }) => {
    const summary = runtime.summaries[id];
    const own = summary ? [{ control: '', ...summary }] : [];
    const controlsAreStale = staleControlsLabel(state, id) !== null;
    const controls = shownControls(state, id).map(({ label, ...figures }) => ({
      ...figures,
      control: label,
      domain: null,
      lean: null,
      stale: controlsAreStale,
      leanStale: false,
    }));
    return [...own, ...controls].flatMap((row): Cell[][] => {
      const figures = { alignment: row.alignment, coherence: row.coherence, domain: row.domain, custom: row.custom, lean: row.lean };
      const means = Object.entries(figures).flatMap(([figure, estimate]): Cell[][] => {
        if (!estimate || estimate.mean === null) return [];
        const stale = figure === 'lean' ? row.leanStale : row.stale;
        return [[id, name, row.control, figure, estimate.mean, estimate.low, estimate.high, estimate.n, stale, runtime.judge.name]];
      });
      const { k, n, low, high } = row.em;
      return n > 0 ? [...means, [id, name, row.control, 'em', k / n, low, high, n, row.stale, runtime.judge.name]] : means;
    });
  });
}

/** Rows of cells as one object a row. */
export function asObjects(columns: readonly string[], rows: ReadonlyArray<readonly Cell[]>): Array<Record<string, Cell>> {
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])));
}
