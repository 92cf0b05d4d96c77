import { useId } from 'react';
import { LIMITS } from '../../core/limits';
import type { ConditionRecord } from '../../document/schema';
import { conditionLetter } from '../parts/condition-key';
import { Field } from '../parts/field';
import { Modal } from '../parts/modal';
import { TextField } from '../parts/text-field';
import { AdapterScale } from '../recipe/adapter-list';
import { useActions, useApp } from '../store-context';
import { interventionText } from './condition-text';

/** Everything that makes one condition: its name, adapters with their scales, edits and system prompt. */
export function ConditionDialog({ conditionId, onClose }: { conditionId: string; onClose: () => void }) {
  const conditions = useApp((state) => state.document.conditions);
  const index = conditions.findIndex(({ id }) => id === conditionId);
  const condition = conditions[index];
  if (!condition) return null;
  return (
    <Modal title={`Condition ${conditionLetter(index)}`} onClose={onClose}>
      <ConditionForm condition={condition} index={index} />
      <DeleteCondition condition={condition} only={conditions.length === 1} onDone={onClose} />
    </Modal>
  );
}

function ConditionForm({ condition, index }: { condition: ConditionRecord; index: number }) {
  const adapters = useApp((state) => state.document.model.adapters);
  const interventions = useApp((state) => state.document.interventions);
  const directions = useApp((state) => state.document.directions);
  const actions = useActions();
  const id = useId();
  const patch = (change: Partial<ConditionRecord>) => actions.patchCondition(condition.id, change);
  return (
    <div className="condition-form">
      <Field label="name" htmlFor={`${id}name`}>
        <TextField
          id={`${id}name`}
          value={condition.name}
          maxLength={LIMITS.nameCharacters}
          onCommit={(name) => name.trim() && patch({ name: name.trim() })}
        />
      </Field>
      <h3>Adapters</h3>
      {adapters.length === 0 && <p className="note">None loaded: step 1 adds them.</p>}
      {adapters.map(({ name }) => (
        <AdapterScale key={name} condition={condition} index={index} adapter={name} label={name} />
      ))}
      <h3>Edits</h3>
      {interventions.length === 0 && <p className="note">None yet: step 4 makes them.</p>}
      {interventions.map((intervention) => {
        const on = condition.interventionIds.includes(intervention.id);
        return (
          <label key={intervention.id} className="check">
            <input
              type="checkbox"
              checked={on}
              onChange={() =>
                patch({
                  interventionIds: on
                    ? condition.interventionIds.filter((other) => other !== intervention.id)
                    : [...condition.interventionIds, intervention.id],
                })
              }
            />
            <span>
              {intervention.name} <span className="dim mono">{interventionText(intervention, directions)}</span>
            </span>
          </label>
        );
      })}
      <Field label="system prompt" htmlFor={`${id}prompt`} stacked>
        <TextField
          id={`${id}prompt`}
          className="input area"
          rows={3}
          value={condition.systemPrompt}
          placeholder="none"
          maxLength={LIMITS.questionCharacters}
          onCommit={(systemPrompt) => patch({ systemPrompt })}
        />
      </Field>
    </div>
  );
}

function DeleteCondition({ condition, only, onDone }: { condition: ConditionRecord; only: boolean; onDone: () => void }) {
  const actions = useActions();
  return (
    <div className="row modal-actions">
      <button
        type="button"
        className="button"
        onClick={() => {
          // What comes of it stands under this dialog.
          onDone();
          void actions.runControls(condition.id);
        }}
        disabled={condition.interventionIds.length === 0}
      >
        Run its controls
      </button>
      <span className="spacer" />
      <button
        type="button"
        className="button"
        disabled={only}
        onClick={() => {
          onDone();
          actions.deleteCondition(condition.id);
        }}
      >
        Delete this condition
      </button>
      <button type="button" className="button main" onClick={onDone}>
        Done
      </button>
    </div>
  );
}
