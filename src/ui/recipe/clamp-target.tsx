import { plain, signed } from '../../charts/number-text';
import { ALIGNMENT_SIDES } from '../../core/direction';
import type { DirectionRecord, InterventionRecord } from '../../document/schema';
import { Field } from '../parts/field';
import { gestureOf } from '../parts/gesture';
import { NumberField } from '../parts/number-field';
import { Term } from '../parts/term';
import { useActions, useApp } from '../store-context';

type ClampTo = InterventionRecord['clampTo'];

/** The projection that a clamp sets now: what its number starts from. */
export function presentTarget(
  { clampTo, clampNumber }: Pick<InterventionRecord, 'clampTo' | 'clampNumber'>,
  direction: Pick<DirectionRecord, 'negativeMeanProjection' | 'positiveMeanProjection'> | undefined,
): number {
  if (clampTo === 'number') return clampNumber;
  const mean = clampTo === 'zero' ? 0 : clampTo === 'negativeMean' ? direction?.negativeMeanProjection : direction?.positiveMeanProjection;
  // One decimal is what the field shows.
  return Math.round((mean ?? 0) * 10) / 10;
}

/** `the aligned mean`, or `the mean with prompt B` of a side that is called so. */
export function meanName(side: string): string {
  return side.startsWith('with ') ? `the mean ${side}` : `the ${side} mean`;
}

/** What the projection is set to: zero, a number, or the mean of one of the two piles. */
export function ClampTarget({ intervention }: { intervention: InterventionRecord }) {
  const direction = useApp((state) => state.document.directions.find(({ id }) => id === intervention.directionId));
  const actions = useActions();
  const sides = direction?.recipe.sides ?? ALIGNMENT_SIDES;
  const aligned = direction?.negativeMeanProjection ?? null;
  const misaligned = direction?.positiveMeanProjection ?? null;
  const choices: ReadonlyArray<{ value: ClampTo; label: string; disabled?: boolean }> = [
    {
      value: 'negativeMean',
      label: `${meanName(sides.negative)}${aligned === null ? ', not measured' : `, ${plain(aligned, 1)}`}`,
      disabled: aligned === null,
    },
    {
      value: 'positiveMean',
      label: `${meanName(sides.positive)}${misaligned === null ? ', not measured' : `, ${plain(misaligned, 1)}`}`,
      disabled: misaligned === null,
    },
    { value: 'zero', label: 'zero' },
    { value: 'number', label: 'a number' },
  ];
  const ends = [aligned, misaligned].flatMap((end) => end ?? []);
  const spread = ends.length === 2 ? Math.abs((ends[0] ?? 0) - (ends[1] ?? 0)) : 10;
  const min = Math.min(...ends, 0, intervention.clampNumber) - spread / 2;
  const max = Math.max(...ends, 0, intervention.clampNumber) + spread / 2;
  const setNumber = (clampNumber: number, gesture?: string) => actions.patchIntervention(intervention.id, { clampNumber }, gesture);
  return (
    <>
      <Field label={<Term of="clamp">clamp to</Term>}>
        <select
          className="input"
          aria-label="Clamp to"
          value={intervention.clampTo}
          onChange={({ target }) => {
            const clampTo = choices.find(({ value }) => value === target.value)?.value;
            // A number starts where the clamp was, so that choosing it changes nothing yet.
            const start = clampTo === 'number' ? { clampNumber: presentTarget(intervention, direction) } : {};
            if (clampTo) actions.patchIntervention(intervention.id, { clampTo, ...start });
          }}
        >
          {choices.map(({ value, label, disabled }) => (
            <option key={value} value={value} disabled={disabled}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      {intervention.clampTo === 'number' && (
        <Field label="projection">
          <div className="row">
            <input
              type="range"
              className="range"
              aria-label="Projection to clamp to"
              min={min}
              max={max}
              step={(max - min) / 200}
              value={intervention.clampNumber}
              onChange={(event) => setNumber(Number(event.target.value), gestureOf(`clamp ${intervention.id}`))}
            />
            <NumberField
              label="Projection to clamp to, as a number"
              value={intervention.clampNumber}
              min={-1e6}
              max={1e6}
              format={(value) => signed(value, 1)}
              onCommit={(value) => setNumber(value)}
            />
          </div>
        </Field>
      )}
      <p className="note">Raw units: the residual stream’s part along the unit vector. A mean puts back what those answers have there.</p>
    </>
  );
}
