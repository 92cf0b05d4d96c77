import { useState } from 'react';

interface TextFieldProps {
  id?: string;
  label?: string;
  value: string;
  onCommit: (value: string) => void;
  placeholder?: string;
  className?: string;
  type?: 'text' | 'url' | 'password';
  maxLength?: number;
  rows?: number;
  invalid?: boolean;
}

/**
 * A text that takes effect when it is left or confirmed with Enter, one of several rows with Ctrl Enter. In a single row Escape brings the old
 * one back, and only then closes what the field lies in.
 */
export function TextField({
  id,
  label,
  value,
  onCommit,
  placeholder,
  className = 'input',
  type = 'text',
  maxLength,
  rows,
  invalid,
}: TextFieldProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const commit = () => {
    if (draft !== null && draft !== value) onCommit(draft);
    setDraft(null);
  };
  const shared = {
    id,
    className,
    placeholder,
    maxLength,
    'aria-label': label,
    'aria-invalid': invalid || undefined,
    value: draft ?? value,
    spellCheck: false,
    autoComplete: 'off',
    onBlur: commit,
  };
  if (rows)
    return (
      <textarea
        {...shared}
        rows={rows}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) commit();
        }}
      />
    );
  return (
    <input
      {...shared}
      type={type}
      data-draft={draft !== null || undefined}
      onChange={(event) => setDraft(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
        if (event.key === 'Escape' && draft !== null) {
          event.preventDefault();
          event.stopPropagation();
          setDraft(null);
        }
      }}
    />
  );
}
