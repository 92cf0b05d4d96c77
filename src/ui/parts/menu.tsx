import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { leaveField } from './leave-field';

interface MenuProps {
  /** Content of the button. */
  button: ReactNode;
  buttonClass?: string;
  buttonLabel?: string;
  align?: 'start' | 'end';
  disabled?: boolean;
  /** What opens; `close` puts the focus back on the button. */
  children: (close: () => void) => ReactNode;
}

const GAP_PX = 4;
const MARGIN_PX = 8;

/** A button that shows a small panel beside it, above everything; Escape, a click elsewhere or leaving it with Tab closes it. */
export function Menu({ button, buttonClass = 'button', buttonLabel, align = 'start', disabled, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };

  useLayoutEffect(() => {
    const element = panel.current;
    if (!open || !element || !opener.current) return;
    element.showPopover();
    const anchor = opener.current.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    const left = align === 'end' ? anchor.right - box.width : anchor.left;
    const below = anchor.bottom + GAP_PX;
    const fitsBelow = below + box.height <= innerHeight - MARGIN_PX;
    element.style.left = `${Math.max(MARGIN_PX, Math.min(left, innerWidth - box.width - MARGIN_PX))}px`;
    element.style.top = `${fitsBelow ? below : Math.max(MARGIN_PX, anchor.top - GAP_PX - box.height)}px`;
  }, [open, align]);

  useEffect(() => {
    if (!open) return;
    const onPointerDown = (event: PointerEvent) => {
      if (root.current?.contains(event.target as Node)) return;
      leaveField(panel.current);
      setOpen(false);
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      // What is being typed is taken back first, by its field.
      if (event.target instanceof Element && event.target.matches('[data-draft]')) return;
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
      opener.current?.focus();
    };
    const onFocusIn = (event: FocusEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('focusin', onFocusIn);
    document.addEventListener('pointerdown', onPointerDown);
    document.addEventListener('keydown', onKeyDown, true);
    return () => {
      document.removeEventListener('focusin', onFocusIn);
      document.removeEventListener('pointerdown', onPointerDown);
      document.removeEventListener('keydown', onKeyDown, true);
    };
  }, [open]);

  return (
    <div ref={root} className="menu">
      <button
        ref={opener}
        type="button"
        className={buttonClass}
        aria-expanded={open}
        aria-label={buttonLabel}
        title={buttonLabel}
        disabled={disabled}
        onClick={() => setOpen(!open)}
      >
        {button}
      </button>
      {open && (
        <div ref={panel} popover="manual" className="menu-panel">
          {children(close)}
        </div>
      )}
    </div>
  );
}
