import { useId } from 'react';
import { LIMITS } from '../../core/limits';
import type { InterventionRecord } from '../../document/schema';
import { conditionLetter } from '../parts/condition-key';
import { Field } from '../parts/field';
import { NumberField } from '../parts/number-field';
import { TextField } from '../parts/text-field';
import { useActions, useApp } from '../store-context';

/** What is set seldom: name, where it works, special tokens, how many random controls, bypass. */
export function InterventionMore({ intervention }: { intervention: InterventionRecord }) {
  const conditions = useApp((state) => state.document.conditions);
  const seeds = useApp((state) => state.document.controls.randomSeeds.length);
  const bypass = useApp((state) => state.session.bypass);
  const actions = useActions();
  const id = useId();
  const patch = (change: Partial<InterventionRecord>) => actions.patchIntervention(intervention.id, change);
  return (
    <details className="more">
      <summary>More</summary>
      <Field label="name" htmlFor={`${id}name`}>
        <TextField
          id={`${id}name`}
          value={intervention.name}
          maxLength={LIMITS.nameCharacters}
          onCommit={(name) => name.trim() && patch({ name: name.trim() })}
        />
      </Field>
      <fieldset className="checks">
        <legend>works in</legend>
        {conditions.map((condition, index) => {
          const on = condition.interventionIds.includes(intervention.id);
          return (
            <label key={condition.id} className="check">
              <input
                type="checkbox"
                checked={on}
                onChange={() =>
                  actions.patchCondition(condition.id, {
                    interventionIds: on
                      ? condition.interventionIds.filter((other) => other !== intervention.id)
                      : [...condition.interventionIds, intervention.id],
                  })
                }
              />
              <span>
                {conditionLetter(index)} {condition.name}
              </span>
            </label>
          );
        })}
      </fieldset>
      <label className="check">
        <input
          type="checkbox"
          checked={intervention.skipSpecialTokens}
          onChange={(event) => patch({ skipSpecialTokens: event.target.checked })}
        />
        <span>leave special tokens untouched</span>
      </label>
      <Field label="randoms" htmlFor={`${id}seeds`}>
        <NumberField
          id={`${id}seeds`}
          value={seeds}
          min={1}
          max={LIMITS.conditionCount}
          integer
          onCommit={(count) =>
            actions.editDocument((document) => ({
              ...document,
              controls: { ...document.controls, randomSeeds: Array.from({ length: count }, (_, index) => index + 1) },
            }))
          }
        />
      </Field>
      <div className="row wrap">
        <button
          type="button"
          className="button"
          aria-pressed={bypass}
          onPointerDown={() => actions.setSession({ bypass: true })}
          onPointerUp={() => actions.setSession({ bypass: false })}
          onPointerLeave={() => bypass && actions.setSession({ bypass: false })}
          onClick={(event) => event.detail === 0 && actions.setSession({ bypass: !bypass })}
        >
          Hold to bypass (B)
        </button>
        {intervention.operation === 'steer' && (
          <button type="button" className="button" onClick={() => void actions.runSweep(intervention.id)}>
            Sweep again
          </button>
        )}
        <button type="button" className="button" onClick={() => actions.deleteIntervention(intervention.id)}>
          Delete
        </button>
      </div>
    </details>
  );
}
