import type { ReactNode } from 'react';

/** A label at the left and a control at the right; give `htmlFor` where the control is a single input. */
export function Field({
  label,
  htmlFor,
  hint,
  children,
  stacked,
}: {
  label: ReactNode;
  htmlFor?: string;
  hint?: ReactNode;
  children: ReactNode;
  stacked?: boolean;
}) {
  return (
    <div className={stacked ? 'field stacked' : 'field'}>
      {htmlFor ? (
        <label className="field-label" htmlFor={htmlFor}>
          {label}
        </label>
      ) : (
        <span className="field-label">{label}</span>
      )}
      <div className="field-control">{children}</div>
      {hint && <p className="field-hint">{hint}</p>}
    </div>
  );
}
