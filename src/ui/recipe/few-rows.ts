import { ALIGNMENT_SIDES, type SideNames } from '../../core/direction';

/** Rows a side needs before a difference of means says more than chance. */
const LEAST_ROWS = 8;

/** A caution for a contrast with few rows on a side, such as `Only 1 misaligned answer`; null where both have enough or nothing was counted. */
export function fewRowsText(positive: number, negative: number, sides: SideNames = ALIGNMENT_SIDES): string | null {
  const counted = [
    { count: positive, side: sides.positive },
    { count: negative, side: sides.negative },
  ];
  const few = counted.filter(({ count }) => count > 0 && count < LEAST_ROWS).sort((a, b) => a.count - b.count)[0];
  if (!few || counted.some(({ count }) => count === 0)) return null;
  const word = few.count === 1 ? 'answer' : 'answers';
  const which = few.side.startsWith('with ') ? `${word} ${few.side}` : `${few.side} ${word}`;
  return `Only ${few.count} ${which}: a direction from fewer than ${LEAST_ROWS} on a side may be chance.`;
}
