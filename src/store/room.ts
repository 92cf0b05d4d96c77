import { LimitError } from '../core/errors';
import { LIMITS } from '../core/limits';
import type { VaneDocument } from '../document/schema';

const ROOM = { directions: LIMITS.directionCount, interventions: LIMITS.interventionCount, conditions: LIMITS.conditionCount } as const;

/** Checks that a list of the document has room: what a link or file could not hold must not come into being. @throws LimitError. */
export function requireRoom(document: VaneDocument, list: keyof typeof ROOM, more = 1): void {
  const count = document[list].length + more;
  if (count > ROOM[list]) throw new LimitError(`${list}: expected at most ${ROOM[list]}, got ${count}.`, 'Delete some first.');
}
