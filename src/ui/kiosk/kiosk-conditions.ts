import type { ConditionRecord, InterventionRecord, VaneDocument } from '../../document/schema';
import type { SessionState } from '../../store/state';
import { openIntervention } from '../recipe/intervention-step';

export interface KioskConditions {
  /** What the slider moves; null when nothing steers. */
  steering: InterventionRecord | null;
  /** Whose score stands largest: the first condition that the slider moves, else the last. */
  live: ConditionRecord | null;
  /** What its answer stands beside: the chosen one, else the first other. */
  beside: ConditionRecord | null;
}

/** The two conditions that the projector shows, and the edit that its slider moves. */
export function kioskConditions(
  { conditions, interventions }: Pick<VaneDocument, 'conditions' | 'interventions'>,
  { activeInterventionId }: Pick<SessionState, 'activeInterventionId'>,
  besideId: string | null,
): KioskConditions {
  const steers = interventions.filter(({ operation }) => operation === 'steer');
  const steering = openIntervention(steers, activeInterventionId);
  const live = conditions.find(({ interventionIds }) => steering && interventionIds.includes(steering.id)) ?? conditions.at(-1) ?? null;
  const others = conditions.filter((condition) => condition !== live);
  return { steering, live, beside: others.find(({ id }) => id === besideId) ?? others[0] ?? null };
}
