import type { InterventionRecord } from '../../document/schema';
import { Field } from '../parts/field';
import { Segmented } from '../parts/segmented';
import { Term } from '../parts/term';
import { useActions, useApp } from '../store-context';
import { BlockField } from './block-field';
import { ClampTarget } from './clamp-target';
import { Coefficient } from './coefficient';
import { ControlChips } from './control-chips';
import { InterventionMore } from './intervention-more';
import { InterventionTabs } from './intervention-tabs';
import { LeanLine } from './lean-line';
import { PositionsField } from './positions-field';

const OPERATIONS: ReadonlyArray<{ value: InterventionRecord['operation']; label: string; hint: string }> = [
  { value: 'steer', label: 'Steer', hint: 'adds the direction' },
  { value: 'ablate', label: 'Ablate', hint: 'takes out the part along the direction' },
  { value: 'clamp', label: 'Clamp', hint: 'sets the part along the direction to one value' },
];

/** The intervention whose tab is open: the chosen one, else the last that steers, else the last. */
export function openIntervention(interventions: readonly InterventionRecord[], activeId: string | null): InterventionRecord | null {
  return (
    interventions.find(({ id }) => id === activeId) ??
    interventions.findLast(({ operation }) => operation === 'steer') ??
    interventions.at(-1) ??
    null
  );
}

/** Every edit of the residual stream, one tab each. */
export function InterventionStep() {
  const interventions = useApp((state) => state.document.interventions);
  const activeId = useApp((state) => state.session.activeInterventionId);
  const hasDirection = useApp((state) => state.document.directions.length > 0);
  const open = openIntervention(interventions, activeId);
  return (
    <>
      <InterventionTabs open={open} />
      {open ? (
        <InterventionPanel key={open.id} intervention={open} />
      ) : (
        <p className="note">
          {hasDirection ? 'No edit yet. Add one: steer, ablate or clamp.' : 'An edit needs a direction: compute or import one in step 3.'}
        </p>
      )}
    </>
  );
}

function InterventionPanel({ intervention }: { intervention: InterventionRecord }) {
  const directions = useApp((state) => state.document.directions);
  const actions = useActions();
  const patch = (change: Partial<InterventionRecord>) => actions.patchIntervention(intervention.id, change);
  const known = directions.some((direction) => direction.id === intervention.directionId);
  return (
    <div role="tabpanel" aria-label={intervention.name} className={intervention.enabled ? 'intervention' : 'intervention off'}>
      <div className="row operation-row">
        <Segmented label="Operation" value={intervention.operation} options={OPERATIONS} onChange={(operation) => patch({ operation })} />
        <select
          className="input"
          aria-label="Direction"
          value={known ? intervention.directionId : ''}
          onChange={(event) => patch({ directionId: event.target.value })}
        >
          {!known && <option value="">{intervention.directionId ? `${intervention.directionId} (not computed)` : 'no direction'}</option>}
          {directions.map((direction) => (
            <option key={direction.id} value={direction.id}>
              {direction.name}
            </option>
          ))}
        </select>
      </div>
      <div className="hero">
        {intervention.operation === 'steer' && <Coefficient intervention={intervention} />}
        {intervention.operation === 'ablate' && (
          <p className="note">
            <Term of="ablate">Ablation</Term> takes out whatever lies along the direction at every chosen block. It has no dial: watch lean
            and the scores.
          </p>
        )}
        {intervention.operation === 'clamp' && <ClampTarget intervention={intervention} />}
        <LeanLine intervention={intervention} />
      </div>
      <BlockField intervention={intervention} />
      <Field label="tokens">
        <Segmented
          label="Tokens that are edited"
          value={Array.isArray(intervention.tokens) ? 'list' : intervention.tokens}
          options={[
            { value: 'all', label: 'all' },
            { value: 'prompt', label: 'prompt' },
            { value: 'response', label: 'response' },
            { value: 'list', label: 'list', hint: 'chosen positions, counted from 0' },
          ]}
          onChange={(tokens) => patch({ tokens: tokens === 'list' ? [0] : tokens })}
        />
      </Field>
      {Array.isArray(intervention.tokens) && <PositionsField positions={intervention.tokens} onChange={(tokens) => patch({ tokens })} />}
      <ControlChips intervention={intervention} />
      <InterventionMore intervention={intervention} />
    </div>
  );
}
