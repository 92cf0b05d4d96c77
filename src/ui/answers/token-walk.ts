import type { AnswerState, SessionState } from '../../store/state';

export type TokenPlace = NonNullable<SessionState['pinnedToken']>;

/** Puts the focus on the words: on the pinned one, or on the first. */
export function focusTokens(): void {
  document.querySelector<HTMLElement>('.token[tabindex="0"]')?.focus();
}

/** One answer cell that can be walked to, in reading order. */
export type WalkCell = Pick<AnswerState, 'conditionId' | 'questionId' | 'sample'> & { tokenCount: number };

/** Where a key leads from a token, across cells in reading order; null for keys that do not walk. */
export function walkTokens(key: string, byCell: boolean, place: TokenPlace, cells: readonly WalkCell[]): TokenPlace | null {
  const at = cells.findIndex(
    ({ conditionId, questionId, sample }) =>
      conditionId === place.conditionId && questionId === place.questionId && sample === place.sample,
  );
  const cell = cells[at];
  if (!cell) return null;
  const enter = (next: WalkCell | undefined, end: 'first' | 'last'): TokenPlace => {
    if (!next) return place;
    const { conditionId, questionId, sample, tokenCount } = next;
    return { conditionId, questionId, sample, index: end === 'first' ? 0 : tokenCount - 1 };
  };
  if (key === 'Home') return { ...place, index: 0 };
  if (key === 'End') return { ...place, index: cell.tokenCount - 1 };
  if (key === 'ArrowRight')
    return byCell || place.index >= cell.tokenCount - 1 ? enter(cells[at + 1], 'first') : { ...place, index: place.index + 1 };
  if (key === 'ArrowLeft') {
    if (byCell) return enter(cells[at - 1], 'first');
    return place.index <= 0 ? enter(cells[at - 1], 'last') : { ...place, index: place.index - 1 };
  }
  return null;
}
