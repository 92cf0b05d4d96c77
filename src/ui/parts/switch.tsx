/** On or off, at once; the label says what. */
export function Switch({ label, checked, onChange }: { label: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <input
      type="checkbox"
      role="switch"
      aria-checked={checked}
      className="switch"
      aria-label={label}
      title={label}
      checked={checked}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
}
