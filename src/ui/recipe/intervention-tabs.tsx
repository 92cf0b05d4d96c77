import { type KeyboardEvent, useEffect, useRef } from 'react';
import type { InterventionRecord } from '../../document/schema';
import { ConditionKey } from '../parts/condition-key';
import { Icon } from '../parts/icon';
import { Menu } from '../parts/menu';
import { Switch } from '../parts/switch';
import { useActions, useApp } from '../store-context';

const KINDS = [
  { operation: 'steer', label: 'Steer: add the direction' },
  { operation: 'ablate', label: 'Ablate: take it out' },
  { operation: 'clamp', label: 'Clamp: hold it at a value' },
] as const;

/** One tab an intervention, with the letters of the conditions it works in, and its switch. */
export function InterventionTabs({ open }: { open: InterventionRecord | null }) {
  const interventions = useApp((state) => state.document.interventions);
  const conditions = useApp((state) => state.document.conditions);
  const actions = useActions();
  const list = useRef<HTMLDivElement>(null);
  const openId = open?.id;
  // Where there are more than fit, the chosen one is in sight.
  useEffect(() => {
    if (openId) list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [openId]);
  const choose = (id: string) => actions.setSession({ activeInterventionId: id });
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = interventions.findIndex(({ id }) => id === open?.id);
    const next = step === undefined ? undefined : interventions[(at + step + interventions.length) % interventions.length];
    if (!next) return;
    event.preventDefault();
    choose(next.id);
    const tabs = event.currentTarget;
    requestAnimationFrame(() => tabs.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
  };
  return (
    <div className="tab-row">
      {interventions.length > 0 && (
        <div ref={list} className="tabs" role="tablist" aria-label="Interventions" onKeyDown={onKeyDown}>
          {interventions.map((intervention) => {
            const selected = intervention.id === open?.id;
            return (
              <button
                key={intervention.id}
                type="button"
                role="tab"
                aria-selected={selected}
                tabIndex={selected ? 0 : -1}
                className={intervention.enabled ? 'tab' : 'tab off'}
                title={intervention.name}
                onClick={() => choose(intervention.id)}
              >
                {conditions.map((condition, index) =>
                  condition.interventionIds.includes(intervention.id) ? (
                    <ConditionKey key={condition.id} index={index} live={selected} label={condition.name} />
                  ) : null,
                )}
                <span className="tab-name">{intervention.name}</span>
              </button>
            );
          })}
        </div>
      )}
      <Menu button={<Icon name="plus" />} buttonClass="icon-button" buttonLabel="Add an intervention">
        {(close) => (
          <div className="menu-list">
            {KINDS.map(({ operation, label }) => (
              <button
                key={operation}
                type="button"
                onClick={() => {
                  actions.addIntervention(operation);
                  close();
                }}
              >
                {label}
              </button>
            ))}
          </div>
        )}
      </Menu>
      <span className="spacer" />
      {open && (
        <Switch label={`${open.name} on`} checked={open.enabled} onChange={(enabled) => actions.patchIntervention(open.id, { enabled })} />
      )}
    </div>
  );
}
