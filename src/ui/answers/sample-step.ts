import type { KeyboardEvent } from 'react';

const STEPS: Readonly<Record<string, 1 | -1>> = { ',': -1, '.': 1 };

/** The question of which a key shows another answer, and which way: comma and full stop, wherever the focus is in its row. */
export function sampleStep({ key, target, altKey, ctrlKey, metaKey }: KeyboardEvent<HTMLElement>): { row: HTMLElement; by: 1 | -1 } | null {
  const by = STEPS[key];
  if (by === undefined || altKey || ctrlKey || metaKey || !(target instanceof Element)) return null;
  const row = target.closest<HTMLElement>('[data-row]');
  return row && { row, by };
}
