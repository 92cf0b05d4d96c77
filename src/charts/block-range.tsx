import type { KeyboardEvent, PointerEvent } from 'react';
import { type BlockRows, rowAt } from './block-rows';
import './charts.css';

export interface BlockRangeOptions {
  rows: BlockRows;
  /** First and last block of the range, inclusive. */
  first: number;
  last: number;
  /** Left edge and width of the bracket in px, inside the nearest positioned parent. */
  left: number;
  width: number;
  onChange: (first: number, last: number) => void;
}

/**
 * A bracket around a range of blocks with a handle at each end; both are sliders for the keyboard:
 * arrows move by one block, Page keys by four, Home and End to the ends. The handles never pass one another.
 */
export function BlockRange({ rows, first, last, left, width, onChange }: BlockRangeOptions) {
  const blocks = rows.rows.map((row) => row.block).filter((block) => Number.isFinite(block) && block >= 0);
  const lowest = Math.min(...blocks);
  const highest = Math.max(...blocks);
  if (blocks.length === 0) return null;
  const edge = (block: number, side: 'upper' | 'lower') => {
    const own = rows.rows.filter((row) => row.block === block);
    if (own.length === 0) return block > highest ? rows.top : rows.bottom;
    return side === 'upper' ? Math.min(...own.map((row) => row.y)) : Math.max(...own.map((row) => row.y)) + rows.rowHeight;
  };
  const upper = edge(last, 'upper');
  const lower = edge(first, 'lower');
  const set = (end: 'first' | 'last', block: number) => {
    const bounded = Math.max(lowest, Math.min(highest, block));
    const next = end === 'first' ? { first: Math.min(bounded, last), last } : { first, last: Math.max(bounded, first) };
    if (next.first !== first || next.last !== last) onChange(next.first, next.last);
  };
  const handle = (end: 'first' | 'last', y: number) => {
    const block = end === 'first' ? first : last;
    const steps: Record<string, number> = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 4, PageDown: -4 };
    const onKeyDown = (event: KeyboardEvent) => {
      const step = steps[event.key];
      if (step === undefined && event.key !== 'Home' && event.key !== 'End') return;
      event.preventDefault();
      event.stopPropagation();
      set(end, step !== undefined ? block + step : event.key === 'Home' ? lowest : highest);
    };
    const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
      const stack = event.currentTarget.offsetParent?.getBoundingClientRect();
      if (!stack || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
      const row = rowAt(rows, event.clientY - stack.top);
      if (row && Number.isFinite(row.block)) set(end, row.block);
    };
    return (
      <div
        className="chart-handle"
        role="slider"
        tabIndex={0}
        aria-label={end === 'first' ? 'First block' : 'Last block'}
        aria-orientation="vertical"
        aria-valuemin={end === 'first' ? lowest : first}
        aria-valuemax={end === 'first' ? last : highest}
        aria-valuenow={block}
        style={{ left: left + width - 24, top: y - 12, width: 24, height: 24 }}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={onPointerMove}
      />
    );
  };
  return (
    <>
      <div className="chart-bracket" style={{ left, width: width - 12, top: upper, height: Math.max(0, lower - upper) }} />
      {handle('last', upper)}
      {handle('first', lower)}
    </>
  );
}
