import * as v from 'valibot';
import type { Direction } from '../core/direction';
import { directionMetaEntries } from '../core/direction-schema';
import { ArgumentError, FormatError, LimitError } from '../core/errors';
import { LIMITS } from '../core/limits';

/** Key under which every export keeps what the bare numbers do not say. */
export const META_KEY = 'vane.directions';

/** A direction's metadata and the name of the tensor that holds its values. */
const metaSchema = v.pipe(v.array(v.object({ ...directionMetaEntries, tensor: v.string() })), v.maxLength(LIMITS.directionCount));

/** A named vector as a file holds it. */
export interface NamedVector {
  name: string;
  values: Float32Array;
}

/** Names that differ, in the directions' order: a repeated name gets a number. */
export function tensorNames(directions: readonly Direction[]): string[] {
  const used = new Set<string>();
  return directions.map((direction) => {
    const base = direction.name.replace(/[^\w .()-]+/g, '_').trim() || 'direction';
    let name = base;
    for (let n = 2; used.has(name); n++) name = `${base} (${n})`;
    used.add(name);
    return name;
  });
}

/** JSON of everything but the values. */
export function metaJson(directions: readonly Direction[], names: readonly string[]): string {
  return JSON.stringify(directions.map(({ values: _, ...meta }, index) => ({ ...meta, tensor: names[index] })));
}

/** @throws ArgumentError when there is nothing to export. */
export function requireDirections(directions: readonly Direction[]): void {
  if (directions.length === 0) throw new ArgumentError('export: expected at least one direction, got none.', 'Capture a direction first.');
}

/** The hook point that a foreign tensor's name states in full, if it does. */
function namedHookPoint(name: string): string | undefined {
  return /(?:hook_embed|ln_final\.hook_normalized|blocks\.\d{1,3}\.hook_resid_(?:pre|mid|post))/.exec(name)?.[0];
}

function checkVector({ name, values }: NamedVector, fileName: string): void {
  const what = `${fileName}, tensor "${name.slice(0, 100)}"`;
  if (values.length === 0) throw new FormatError(`${what}: expected [dModel] values, got none.`, 'Choose a file of directions.');
  if (values.length > LIMITS.dModel)
    throw new LimitError(`${what}: expected at most ${LIMITS.dModel} values, got ${values.length}.`, 'Choose a file of directions.');
  const broken = values.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0)
    throw new FormatError(`${what}: expected finite values, got ${values[broken]} at index ${broken}.`, 'Export the direction again.');
}

function importedDirection({ name, values }: NamedVector, hookPoint: string, fileName: string): Direction {
  return {
    id: name.slice(0, LIMITS.nameCharacters) || 'direction',
    name: name.slice(0, LIMITS.nameCharacters),
    hookPoint,
    values,
    negativeMeanProjection: null,
    positiveMeanProjection: null,
    projectionDeviation: null,
    recipe: {
      definition: 'imported',
      pool: 'token',
      tokens: 'answer',
      contrast: `imported from ${fileName}`.slice(0, LIMITS.nameCharacters),
      contrastSha256: '',
      positiveCount: 0,
      negativeCount: 0,
      seed: null,
      modelSha256: '',
      adapters: [],
      weights: '',
      engineVersion: '',
    },
  };
}

export interface DirectionImport {
  directions: Direction[];
  /** What was assumed, for the screen: one sentence each. */
  notes: string[];
}

/**
 * Joins a file's vectors with their metadata. Vectors without any keep their names; their hook point is read from the name,
 * or is `fallbackHookPoint`, which a note then says.
 * @throws FormatError naming file and tensor for values or metadata that do not fit; LimitError for too many or too long ones.
 */
export function directionsFrom(
  vectors: readonly NamedVector[],
  json: string | undefined,
  fileName: string,
  fallbackHookPoint: string,
): DirectionImport {
  if (vectors.length === 0)
    throw new FormatError(`${fileName}: expected at least one direction, got none.`, 'Choose a file of directions.');
  if (vectors.length > LIMITS.directionCount) {
    throw new LimitError(`${fileName}: expected at most ${LIMITS.directionCount} directions, got ${vectors.length}.`, 'Split the file.');
  }
  for (const vector of vectors) checkVector(vector, fileName);
  const metas = new Map(json === undefined ? [] : readMeta(json, fileName).map(({ tensor, ...meta }) => [tensor, meta]));
  const notes: string[] = [];
  const directions = vectors.map((vector): Direction => {
    const meta = metas.get(vector.name);
    if (meta) return { ...meta, values: vector.values };
    const named = namedHookPoint(vector.name);
    if (!named) notes.push(`"${vector.name.slice(0, 100)}" names no hook point; taken as ${fallbackHookPoint}.`);
    return importedDirection(vector, named ?? fallbackHookPoint, fileName);
  });
  return { directions, notes };
}

function readMeta(json: string, fileName: string): v.InferOutput<typeof metaSchema> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw new FormatError(`${fileName}, field ${META_KEY}: expected JSON, got something else.`, 'Export the directions again.');
  }
  const result = v.safeParse(metaSchema, parsed, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new FormatError(
    `${fileName}, field ${META_KEY}.${v.getDotPath(issue)?.slice(0, 200) ?? ''}: expected ${issue.expected ?? 'another value'}.`,
    'Export the directions again.',
  );
}
