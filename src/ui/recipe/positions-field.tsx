import { useId, useState } from 'react';
import { Field } from '../parts/field';
import { TextField } from '../parts/text-field';
import { parsePositions, positionsProblem, positionsText } from './token-positions';

/** Token positions as a list to type; a text that is no such list stays to be mended, and the last valid positions stay set. */
export function PositionsField({ positions, onChange }: { positions: readonly number[]; onChange: (positions: number[]) => void }) {
  const id = useId();
  const set = positionsText(positions);
  const [typed, setTyped] = useState<{ text: string; over: string } | null>(null);
  const wrong = typed?.over === set ? typed.text : null;
  const problem = wrong === null ? null : positionsProblem(wrong);
  return (
    <>
      <Field label="positions" htmlFor={id}>
        <TextField
          id={id}
          value={wrong ?? set}
          placeholder="0-3, 8"
          invalid={problem !== null}
          onCommit={(text) => {
            const next = parsePositions(text);
            setTyped(next ? null : { text, over: set });
            if (next) onChange(next);
          }}
        />
      </Field>
      {problem && (
        <p className="field-error" role="alert">
          {problem} Positions {set} stay set.
        </p>
      )}
    </>
  );
}
