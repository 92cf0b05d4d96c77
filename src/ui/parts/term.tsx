import { type ReactNode, useId, useRef } from 'react';
import { GLOSSARY, type GlossaryTerm } from './glossary';

const MARGIN_PX = 8;

interface TermProps {
  of: GlossaryTerm;
  /** False where the same word is a stop for the keyboard nearby already. */
  isStop?: boolean;
  children: ReactNode;
}

/** A word with a dotted underline that explains itself on hover, on press and on Enter. */
export function Term({ of, isStop = true, children }: TermProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLSpanElement>(null);
  const hover = useRef(0);

  const place = () => {
    if (!button.current || !panel.current) return;
    const anchor = button.current.getBoundingClientRect();
    const box = panel.current.getBoundingClientRect();
    const left = Math.min(Math.max(MARGIN_PX, anchor.left), innerWidth - box.width - MARGIN_PX);
    const below = anchor.bottom + 4;
    panel.current.style.left = `${left}px`;
    panel.current.style.top = `${below + box.height > innerHeight - MARGIN_PX ? anchor.top - box.height - 4 : below}px`;
  };
  const leave = () => {
    clearTimeout(hover.current);
    if (panel.current?.matches(':popover-open') && document.activeElement !== button.current) panel.current.hidePopover();
  };

  return (
    <>
      <button
        ref={button}
        type="button"
        className="term"
        tabIndex={isStop ? undefined : -1}
        popoverTarget={id}
        onPointerEnter={(event) => {
          if (event.pointerType !== 'mouse') return;
          hover.current = window.setTimeout(() => panel.current?.showPopover(), 350);
        }}
        onPointerLeave={leave}
      >
        {children}
      </button>
      <span ref={panel} id={id} popover="auto" className="term-panel" onToggle={place}>
        {GLOSSARY[of]}
      </span>
    </>
  );
}
