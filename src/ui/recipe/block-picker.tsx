import { type KeyboardEvent, useRef, useState } from 'react';

const MAX_PER_ROW = 18;

/** Cells of a row such that the rows of `count` blocks are as even as can be. */
export function blocksPerRow(count: number): number {
  return Math.max(1, Math.ceil(count / Math.max(1, Math.ceil(count / MAX_PER_ROW))));
}

/** The blocks after painting from `anchor` to `at`: all of them set or cleared, the others as they were. */
export function paintBlocks(chosen: readonly number[], anchor: number, at: number, on: boolean): number[] {
  const from = Math.min(anchor, at);
  const to = Math.max(anchor, at);
  const next = new Set(chosen);
  for (let block = from; block <= to; block++) {
    if (on) next.add(block);
    else next.delete(block);
  }
  return [...next].sort((a, b) => a - b);
}

/** 0 to `nLayers` - 1. */
export function blockNumbers(nLayers: number): number[] {
  return Array.from({ length: nLayers }, (_, block) => block);
}

interface BlockPickerProps {
  nLayers: number;
  chosen: readonly number[];
  /** `isStroke` where it is part of one movement over blocks. */
  onChange: (blocks: number[], isStroke: boolean) => void;
}

/**
 * Every block as a cell to press or paint over, on one row up to 18 blocks and on even rows beyond.
 * One stop for the keyboard: arrows move, Space turns a block on or off, Shift with an arrow paints on.
 */
export function BlockPicker({ nLayers, chosen, onChange }: BlockPickerProps) {
  const [focused, setFocused] = useState(chosen[0] ?? 0);
  const paint = useRef<{ anchor: number; on: boolean; before: readonly number[] } | null>(null);
  const root = useRef<HTMLFieldSetElement>(null);
  const perRow = blocksPerRow(nLayers);
  const isOn = (block: number) => chosen.includes(block);
  const stop = Math.min(focused, nLayers - 1);

  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: perRow,
      ArrowUp: -perRow,
      Home: -stop,
      End: nLayers - 1 - stop,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(nLayers - 1, stop + step));
    if (event.shiftKey) onChange(paintBlocks(chosen, stop, next, true), true);
    setFocused(next);
    root.current?.querySelectorAll('button')[next]?.focus();
  };
  const paintTo = (block: number) => {
    const stroke = paint.current;
    if (stroke) onChange(paintBlocks(stroke.before, stroke.anchor, block, stroke.on), true);
  };
  return (
    <fieldset
      ref={root}
      className="block-picker"
      aria-label="Blocks"
      style={{ gridTemplateColumns: `repeat(${perRow}, minmax(0, 1fr))` }}
      onKeyDown={onKeyDown}
      onPointerUp={() => {
        paint.current = null;
      }}
      onPointerLeave={() => {
        paint.current = null;
      }}
    >
      {blockNumbers(nLayers).map((block) => (
        <button
          key={block}
          type="button"
          aria-pressed={isOn(block)}
          aria-label={`block ${block}`}
          tabIndex={block === stop ? 0 : -1}
          onFocus={() => setFocused(block)}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.releasePointerCapture(event.pointerId);
            paint.current = { anchor: block, on: !isOn(block), before: chosen };
            paintTo(block);
          }}
          onPointerEnter={() => paintTo(block)}
          onClick={(event) => {
            // A pointer has painted already; detail 0 is a click from the keyboard or a screen reader.
            if (event.detail === 0) onChange(paintBlocks(chosen, block, block, !isOn(block)), false);
          }}
        >
          {block}
        </button>
      ))}
    </fieldset>
  );
}
