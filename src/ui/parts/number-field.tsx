import { useState } from 'react';

interface NumberFieldProps {
  id?: string;
  label?: string;
  value: number;
  onCommit: (value: number) => void;
  min?: number;
  max?: number;
  integer?: boolean;
  className?: string;
  /** How the value stands while it is not being edited. */
  format?: (value: number) => string;
}

/** The number a text holds, with either minus and either decimal mark, or null. */
export function parseNumber(text: string): number | null {
  const cleaned = text.trim().replace('−', '-').replace(',', '.').replace(/^\+/, '');
  if (cleaned === '' || !/^-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?$/i.test(cleaned)) return null;
  const value = Number(cleaned);
  return Number.isFinite(value) ? value : null;
}

/**
 * A number that takes effect when it is left or confirmed; what is no number within the bounds is marked and not taken. Escape brings the old
 * one back, and only then closes what the field lies in.
 */
export function NumberField({
  id,
  label,
  value,
  onCommit,
  min = -Infinity,
  max = Infinity,
  integer,
  className = 'input figure',
  format = String,
}: NumberFieldProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const accepts = (text: string) => {
    const parsed = parseNumber(text);
    return parsed !== null && parsed >= min && parsed <= max && (!integer || Number.isInteger(parsed)) ? parsed : null;
  };
  const commit = () => {
    if (draft === null) return;
    const parsed = accepts(draft);
    if (parsed !== null && parsed !== value) onCommit(parsed);
    setDraft(null);
  };
  const invalid = draft !== null && accepts(draft) === null;
  return (
    <input
      id={id}
      type="text"
      inputMode={integer ? 'numeric' : 'decimal'}
      className={className}
      aria-label={label}
      aria-invalid={invalid || undefined}
      title={invalid ? `A number${integer ? ' without decimals' : ''} from ${min} to ${max}` : undefined}
      autoComplete="off"
      value={draft ?? format(value)}
      data-draft={draft !== null || undefined}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={commit}
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
