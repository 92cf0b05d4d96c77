import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { Icon } from './icon';
import { leaveField } from './leave-field';

interface ModalProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** `sheet` fills a phone from below. */
  kind?: 'dialog' | 'sheet';
  /** What stays in sight between the title and the body. */
  above?: ReactNode;
}

/** A native modal dialog; the browser keeps the focus in it and gives it back. */
export function Modal({ title, onClose, children, kind = 'dialog', above }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before the browser paints and before React takes the element away, so that the focus can go back where it was.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  const leave = () => {
    leaveField(dialog.current);
    onClose();
  };
  return (
    <dialog
      ref={dialog}
      className={`modal ${kind}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        leave();
      }}
      // The second of two requests without a press between them is not asked of the page: the browser closes the dialog itself.
      onClose={(event) => {
        if (!event.currentTarget.open) leave();
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) leave();
      }}
    >
      <div className="modal-box">
        <div className="modal-head">
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
        {above}
        <div className="modal-body">{children}</div>
      </div>
    </dialog>
  );
}
