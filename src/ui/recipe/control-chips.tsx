import type { ControlsRecord, InterventionRecord } from '../../document/schema';
import { Term } from '../parts/term';
import { useActions, useApp, useAppStore } from '../store-context';

/** The controls of an edit, one press each: what is on stands beside the effect in the scores. */
export function ControlChips({ intervention }: { intervention: InterventionRecord }) {
  const controls = useApp((state) => state.document.controls);
  const adapters = useApp((state) => state.document.model.adapters);
  const store = useAppStore();
  const actions = useActions();
  const good = controls.goodAdapter ?? adapters.find(({ name }) => /good|control/i.test(name))?.name ?? null;
  const toggle = (change: Partial<ControlsRecord>, on: boolean) => {
    actions.editDocument((document) => ({ ...document, controls: { ...document.controls, ...change } }));
    if (!on) return;
    for (const { id, interventionIds } of store.getState().document.conditions)
      if (interventionIds.includes(intervention.id)) void actions.runControls(id);
  };
  const seeds = controls.randomSeeds.length;
  const chips: ReadonlyArray<{
    label: string;
    on: boolean;
    hint: string;
    disabled?: boolean;
    change: (on: boolean) => Partial<ControlsRecord>;
  }> = [
    {
      label: `random ×${seeds}`,
      on: controls.random,
      hint: `${seeds} random directions of the same length`,
      change: (random) => ({ random }),
    },
    { label: 'flipped', on: controls.flipped, hint: 'the same direction, the other way', change: (flipped) => ({ flipped }) },
    {
      label: 'orthogonal',
      on: controls.orthogonal,
      hint: 'a direction at right angles to this one',
      change: (orthogonal) => ({ orthogonal }),
    },
    {
      label: 'good data',
      on: controls.goodAdapter !== null,
      disabled: good === null,
      hint: good === null ? 'needs an adapter trained on good data' : `the adapter ${good} in place of the bad one`,
      change: (on) => ({ goodAdapter: on ? good : null }),
    },
  ];
  return (
    <div className="field controls-field">
      <span className="field-label">
        <Term of="controls">controls</Term>
      </span>
      <div className="chips">
        {chips.map(({ label, on, hint, disabled, change }) => (
          <button
            key={label}
            type="button"
            className="chip"
            aria-pressed={on}
            title={hint}
            disabled={disabled}
            onClick={() => toggle(change(!on), !on)}
          >
            {label}
          </button>
        ))}
      </div>
    </div>
  );
}
