import { apart, type LabelBox, labelBox, type PlacedLabel } from './label-placement';
import { textWidth } from './text-fit';

/** Strong letters are this much wider. */
const STRONG = 1.06;
const GAP = 9;

/** The name of the coefficient that is set, left of its mark where there is room. */
export function valueLabel(now: { x: number; y: number }, text: string, left: number): PlacedLabel {
  const fits = now.x - GAP - textWidth(text) * STRONG > left;
  return { text, x: now.x + (fits ? -GAP : GAP), y: now.y + 4, anchor: fits ? 'end' : 'start' };
}

/** The box of that name together with its mark. */
export function valueBox(now: { x: number; y: number }, label: PlacedLabel): LabelBox {
  const { left, right } = labelBox(label);
  const spare = (right - left) * (STRONG - 1);
  return {
    left: Math.min(now.x - 8, left - spare - 3),
    right: Math.max(now.x + 8, right + spare + 3),
    top: now.y - GAP,
    bottom: now.y + GAP,
  };
}

/**
 * The name of a control's sweep, under its highest points: from their left on, or at the chart's right edge under the sweep's own first
 * points, because a control that costs nothing lies in one corner. Below whatever of `taken` it would lie on, above where the chart ends.
 */
export function controlLabel(
  text: string,
  at: { start: number; top: number; right: number; bottom: number },
  taken: readonly LabelBox[],
): PlacedLabel {
  const fits = at.start + textWidth(text) < at.right;
  const label: PlacedLabel = fits
    ? { text, x: at.start, y: at.top + 16, anchor: 'start' }
    : { text, x: at.right, y: at.top + 32, anchor: 'end' };
  const crossed = taken.filter((box) => !apart(labelBox(label), box));
  if (crossed.length === 0) return label;
  const below = Math.max(...crossed.map(({ bottom }) => bottom)) + 12;
  return { ...label, y: below < at.bottom ? below : Math.min(...crossed.map(({ top }) => top)) - 4 };
}
