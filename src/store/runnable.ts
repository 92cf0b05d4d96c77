import type { ConditionRecord } from '../document/schema';
import { appStore } from './app-store';

/** Conditions that can run now: one whose direction is still missing waits for it. */
export function runnable(condition: ConditionRecord): boolean {
  const { document, runtime } = appStore.getState();
  return document.interventions
    .filter((record) => record.enabled && condition.interventionIds.includes(record.id))
    .every((record) => runtime.directions.some(({ id }) => id === record.directionId));
}
