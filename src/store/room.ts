import { LimitError } from '../core/errors';
import { LIMITS } from '../core/limits';
import type { VaneDocument } from '../document/schema';

interface Room {
  most: number;
  held: (document: VaneDocument) => readonly unknown[];
  remedy: string;
}

const ROOM = {
  directions: { most: LIMITS.directionCount, held: ({ directions }) => directions, remedy: 'Delete some first.' },
  interventions: { most: LIMITS.interventionCount, held: ({ interventions }) => interventions, remedy: 'Delete some first.' },
  conditions: { most: LIMITS.conditionCount, held: ({ conditions }) => conditions, remedy: 'Delete some first.' },
  questions: { most: LIMITS.questionCount, held: ({ questions }) => questions.items, remedy: 'Choose another set first.' },
  // The schema bounds them as it bounds conditions.
  adapters: { most: LIMITS.conditionCount, held: ({ model }) => model.adapters, remedy: 'Remove one that is not used.' },
} satisfies Record<string, Room>;

/** Checks that a list of the document has room: what a link or file could not hold must not come into being. @throws LimitError. */
export function requireRoom(document: VaneDocument, list: keyof typeof ROOM, more = 1): void {
  const { most, held, remedy }: Room = ROOM[list];
  const count = held(document).length + more;
  if (count > most) throw new LimitError(`${list}: expected at most ${most}, got ${count}.`, remedy);
}
