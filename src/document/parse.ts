import * as v from 'valibot';
import { FormatError, LimitError, type VaneError } from '../core/errors';
import { toDirection } from './direction-record';
import { type JsonObject, MIGRATIONS } from './migrations';
import { unpackProjections, unpackScatter } from './recorded-readings';
import { DOCUMENT_VERSION, documentSchema, type VaneDocument } from './schema';

const LIMIT_ISSUES = new Set(['max_length', 'max_value', 'max_entries']);

/** A received value in at most 60 characters, so that an error never carries a whole file. */
function excerpt(value: unknown): string {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 200)) : typeof value === 'object' ? kindOf(value) : String(value);
  return shown.length > 60 ? `${shown.slice(0, 57)}…` : shown;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? `a list of ${value.length}` : typeof value;
}

/** `conditions.2.name` and the like. */
function pathOf(issue: v.BaseIssue<unknown>): string {
  return v.getDotPath(issue) ?? 'document';
}

/** A VaneError that names the field of a validation issue. */
function issueError(issue: v.BaseIssue<unknown>, what: string): VaneError {
  const field = `${what}, field ${pathOf(issue).slice(0, 200)}`;
  if (LIMIT_ISSUES.has(issue.type) && issue.requirement !== undefined) {
    const size = typeof issue.input === 'string' || Array.isArray(issue.input) ? issue.input.length : excerpt(issue.input);
    return new LimitError(`${field}: expected at most ${String(issue.requirement)}, got ${size}.`, 'Use a smaller document.');
  }
  const expected = issue.message.startsWith('expected ') ? issue.message : `expected ${issue.expected ?? 'another value'}`;
  return new FormatError(
    `${field}: ${expected.slice(0, 300)}, got ${excerpt(issue.input)}.`,
    'Ask for the link or file again, or start anew.',
  );
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What wrote the document, for errors about newer versions. */
function makerOf(value: JsonObject): string {
  return typeof value.madeBy === 'string' && value.madeBy !== '' ? value.madeBy.slice(0, 60) : 'a newer Vane';
}

/** The error for a document or link of a later version than this build reads. */
export function futureVersionError(what: string, version: number, maker: string): FormatError {
  return new FormatError(
    `${what}: expected version ${DOCUMENT_VERSION} or older, got version ${version}, made by ${maker}.`,
    'Reload this page to get the newest Vane, or open it where it was made.',
  );
}

function firstRepeated(ids: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return ids.find((id) => seen.size === seen.add(id).size);
}

/** Ids are unique within their list; nothing refers to what is not there. */
function checkReferences(document: VaneDocument, what: string): void {
  const lists = {
    directions: document.directions.map((item) => item.id),
    interventions: document.interventions.map((item) => item.id),
    conditions: document.conditions.map((item) => item.id),
    'questions.items': document.questions.items.map((item) => item.id),
    'model.adapters': document.model.adapters.map((item) => item.name),
  };
  for (const [field, ids] of Object.entries(lists)) {
    const repeated = firstRepeated(ids);
    if (repeated !== undefined) {
      throw new FormatError(
        `${what}, field ${field}: expected ids that differ, got "${repeated}" twice.`,
        'Ask for the link or file again.',
      );
    }
  }
}

/** What was read beside the recorded answers unpacks and fits them. */
function checkReadings({ recorded }: VaneDocument, what: string): void {
  if (recorded?.projections) unpackProjections(recorded.answers, recorded.projections.letters, `${what}, recorded projections`);
  if (recorded?.scatter) unpackScatter(recorded.scatter, `${what}, recorded scatter`);
}

/**
 * Validates parsed JSON as a document, migrating older versions first. `value` is not mutated.
 * References to directions, interventions or conditions that are not there are dropped (see `withoutDangling`).
 * @throws FormatError or LimitError naming `what` and the field; FormatError naming its maker for a newer version.
 */
export function parseDocument(value: unknown, what: string): VaneDocument {
  if (!isObject(value))
    throw new FormatError(`${what}: expected a Vane document, got ${kindOf(value)}.`, 'Choose a .vane.json file or a Vane link.');
  const version = value.version;
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 0) {
    throw new FormatError(
      `${what}, field version: expected a whole number, got ${excerpt(version)}.`,
      'Choose a .vane.json file or a Vane link.',
    );
  }
  if (version > DOCUMENT_VERSION) throw futureVersionError(what, version, makerOf(value));
  let current = value;
  for (const migrate of MIGRATIONS.slice(version)) {
    try {
      current = migrate(current);
    } catch (error) {
      if (error instanceof v.ValiError) throw issueError(error.issues[0], `${what} (version ${version})`);
      throw error;
    }
  }
  const result = v.safeParse(documentSchema, current, { abortEarly: true });
  if (!result.success) throw issueError(result.issues[0], what);
  checkReferences(result.output, what);
  // A damaged direction must fail here, before anything on screen has changed.
  for (const record of result.output.directions) toDirection(record);
  checkReadings(result.output, what);
  return withoutDangling(result.output);
}

/** A copy in which nothing refers to a direction, intervention or condition that is not there; recorded answers stay as they are. */
export function withoutDangling(document: VaneDocument): VaneDocument {
  const directions = new Set(document.directions.map((item) => item.id));
  const interventions = document.interventions.filter((item) => directions.has(item.directionId) || item.directionId === '');
  const interventionIds = new Set(interventions.map((item) => item.id));
  const conditionIds = new Set(document.conditions.map((item) => item.id));
  const { contrast } = document;
  const known = (id: string): string => (conditionIds.has(id) ? id : '');
  return {
    ...document,
    contrast:
      contrast.kind === 'sampled'
        ? {
            ...contrast,
            positiveConditionId: known(contrast.positiveConditionId),
            negativeConditionId: known(contrast.negativeConditionId),
          }
        : contrast,
    interventions,
    conditions: document.conditions.map((item) => ({
      ...item,
      interventionIds: item.interventionIds.filter((id) => interventionIds.has(id)),
    })),
  };
}
