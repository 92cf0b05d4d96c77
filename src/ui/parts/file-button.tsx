import { type ReactNode, useRef } from 'react';

interface FileButtonProps {
  children: ReactNode;
  className?: string;
  accept?: string;
  /** Asks for a folder and hands over all its files. */
  folder?: boolean;
  onFiles: (files: File[]) => void;
}

/** A button that opens the browser's file dialog. */
export function FileButton({ children, className = 'button', accept, folder, onFiles }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" className={className} onClick={() => input.current?.click()}>
        {children}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        {...(folder ? { webkitdirectory: '' } : {})}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}
