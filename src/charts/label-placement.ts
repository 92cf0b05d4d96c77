import { textWidth } from './text-fit';

/** A rectangle in px that a label must not touch. */
export interface LabelBox {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface PlacedLabel {
  text: string;
  x: number;
  /** Baseline. */
  y: number;
  anchor: 'start' | 'middle' | 'end';
}

const GAP = 7;

/** The box of a mark of `radius` px. */
export function markBox(x: number, y: number, radius = 4): LabelBox {
  return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
}

/**
 * A label for each mark that has room for one, in the order given: above its left or right, below its right or left, straight above or below.
 * Labels touch neither the obstacles nor one another, and stay within the bounds; a mark without room has none.
 */
export function placeLabels(
  marks: ReadonlyArray<{ text: string; x: number; y: number }>,
  obstacles: readonly LabelBox[],
  bounds: LabelBox,
  fontSize = 11,
): PlacedLabel[] {
  const taken = [...obstacles];
  const placed: PlacedLabel[] = [];
  for (const mark of marks) {
    const candidates: PlacedLabel[] = [
      { text: mark.text, x: mark.x - GAP + 1, y: mark.y - 4, anchor: 'end' },
      { text: mark.text, x: mark.x + GAP - 1, y: mark.y - 4, anchor: 'start' },
      { text: mark.text, x: mark.x + GAP - 1, y: mark.y + fontSize, anchor: 'start' },
      { text: mark.text, x: mark.x - GAP + 1, y: mark.y + fontSize, anchor: 'end' },
      { text: mark.text, x: mark.x, y: mark.y - GAP, anchor: 'middle' },
      { text: mark.text, x: mark.x, y: mark.y + GAP + fontSize * 0.72, anchor: 'middle' },
    ];
    const free = candidates.find((label) => {
      const box = labelBox(label, fontSize);
      const inside = box.left >= bounds.left && box.right <= bounds.right && box.top >= bounds.top && box.bottom <= bounds.bottom;
      return inside && taken.every((other) => apart(box, other));
    });
    if (!free) continue;
    placed.push(free);
    taken.push(labelBox(free, fontSize));
  }
  return placed;
}

/** The box that a label's letters fill. */
export function labelBox({ text, x, y, anchor }: PlacedLabel, fontSize = 11): LabelBox {
  const width = textWidth(text, fontSize);
  const left = anchor === 'end' ? x - width : anchor === 'middle' ? x - width / 2 : x;
  return { left, right: left + width, top: y - fontSize * 0.78, bottom: y + fontSize * 0.22 };
}

/** True when no px is of both. */
export function apart(a: LabelBox, b: LabelBox): boolean {
  return a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
}
