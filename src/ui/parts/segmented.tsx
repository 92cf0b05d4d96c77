import { useId } from 'react';

interface SegmentedProps<T extends string> {
  /** What is chosen, for those who do not see the row's label. */
  label: string;
  value: T;
  options: ReadonlyArray<{ value: T; label: string; hint?: string; disabled?: boolean }>;
  onChange: (value: T) => void;
}

/** One of a few, side by side: native radio buttons, so that arrows and names come from the browser. */
export function Segmented<T extends string>({ label, value, options, onChange }: SegmentedProps<T>) {
  const name = useId();
  return (
    <div className="segmented" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <label key={option.value} title={option.hint}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            disabled={option.disabled}
            onChange={() => onChange(option.value)}
          />
          <span>{option.label}</span>
        </label>
      ))}
    </div>
  );
}
