import { useMemo } from 'react';
import { openIntervention } from '../recipe/intervention-step';
import { useApp } from '../store-context';

/** Conditions that the open intervention works in: the ones that move with the slider. */
export function useLiveConditions(): ReadonlySet<string> {
  const conditions = useApp((state) => state.document.conditions);
  const interventions = useApp((state) => state.document.interventions);
  const activeId = useApp((state) => state.session.activeInterventionId);
  const visible = useApp((state) => state.session.openStep === 4);
  return useMemo(() => {
    const open = visible ? openIntervention(interventions, activeId) : null;
    return new Set(open ? conditions.flatMap(({ id, interventionIds }) => (interventionIds.includes(open.id) ? [id] : [])) : []);
  }, [conditions, interventions, activeId, visible]);
}
