/** A, B, C, … of the condition at `index`. */
export function conditionLetter(index: number): string {
  return String.fromCharCode(65 + index);
}

/** The letter that stands for a condition wherever its name is too long. */
export function ConditionKey({ index, live, label }: { index: number; live?: boolean; label?: string }) {
  return (
    <span className={live ? 'condition-key live' : 'condition-key'} title={label}>
      {conditionLetter(index)}
    </span>
  );
}
