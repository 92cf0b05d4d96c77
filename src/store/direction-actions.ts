import { flippedDirection } from '../analysis/control-direction';
import { principalComponents, projectOnComponents } from '../analysis/pca';
import { type Separation, separation } from '../analysis/separation';
import { cosineMatrix } from '../analysis/vector';
import type { Direction } from '../core/direction';
import { norm } from '../core/direction';
import { LIMITS } from '../core/limits';
import { toDirection, toDirectionRecord } from '../document/direction-record';
import type { DirectionRecord, DirectionSettings, VaneDocument } from '../document/schema';
import { type Contrast, type ContrastReading, readContrast, withTokenDeviations } from '../experiments/contrast';
import { appStore, editDocument, freshId, recordInDocument, runTask, setRuntime, setSession, type Task } from './app-store';
import { describeContrast, presentContrast } from './contrast-actions';
import { FIRST_DIRECTION_ID } from './default-document';
import { contrastSha256, type DirectionSource, directionFrom, directionName } from './direction-recipe';
import { theEngine } from './engine-handle';
import { followingTint } from './reproject';
import { requireModel } from './require-model';
import { requireRoom } from './room';
import { ranBy, readingsSetting } from './staleness';
import type { ProfilePoint } from './state';
import { uniqueName } from './unique-name';

/** What was last read, so that another block's direction needs no second pass. */
interface Reading {
  /** As it was made; `values` holds the rows of it that were read. */
  contrast: Contrast;
  tokens: DirectionSettings['tokens'];
  values: ContrastReading;
  contrastSha256: string;
  /** Of the moment it was read: the setting that a direction's recipe must tell of. */
  made: Pick<DirectionSource, 'contrast' | 'seed' | 'adapterScales'>;
}

let reading: Reading | null = null;

/** Yields to the browser so that no stretch of analysis blocks a frame. */
const breathe = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/**
 * Reads the contrast at every block, profiles the separation, and keeps the direction at `directionSettings.hookPoint`.
 * `id` replaces a kept direction of that id.
 */
export async function computeDirection(id?: string): Promise<void> {
  await runTask(
    'Direction',
    'rows',
    async (task) => {
      const { hookPoint } = appStore.getState().document.directionSettings;
      reading = null;
      await readAndKeep(hookPoint, id ?? firstFreeId(), task);
    },
    { retry: () => void computeDirection(id) },
  );
}

/** Keeps the direction at another hook point as one more; what is not read yet, or was read under another setting, is read first. */
export async function keepDirection(hookPoint: string): Promise<void> {
  await runTask('Direction', 'rows', (task) => readAndKeep(hookPoint, freshId('direction'), task), {
    retry: () => void keepDirection(hookPoint),
  });
}

async function readAndKeep(hookPoint: string, id: string, { signal, progress }: Task): Promise<void> {
  const { document } = appStore.getState();
  const modelInfo = requireModel('direction');
  if (!document.directions.some((known) => known.id === id)) requireRoom(document, 'directions');
  const { tokens, pool, definition } = document.directionSettings;
  const made = describeSource(document);
  const contrast = await presentContrast({ signal, onProgress: progress });
  const isRead = reading?.contrast === contrast && JSON.stringify(reading.tokens) === JSON.stringify(tokens);
  if (!reading || !isRead || !reading.values.sides[hookPoint]) {
    const blocks = Array.from({ length: modelInfo.nLayers }, (_, block) => `blocks.${block}.hook_resid_post`);
    const hookPoints = [...new Set([...blocks, hookPoint])];
    const values = await readContrast(theEngine(), modelInfo.modelId, contrast, hookPoints, tokens, { signal, onProgress: progress });
    reading = { contrast, tokens, values, contrastSha256: await contrastSha256(values.contrast), made };
    setRuntime({ readLeftOut: values.contrast.leftOut.slice(contrast.leftOut.length) });
  }
  const direction = await directionAt(reading, hookPoint, id, { pool, definition }, modelInfo.modelId, signal);
  if (!direction) return;
  signal.throwIfAborted();
  keep(direction);
  const settings = { ...document.directionSettings, hookPoint };
  await profile(reading, { pool, definition }, signal);
  setRuntime({ readingsMadeUnder: readingsSetting({ ...document, directionSettings: settings }, ranBy(appStore.getState())) });
  await breathe();
  scatter(reading, direction);
}

function firstFreeId(): string {
  const taken = appStore.getState().document.directions.some(({ id }) => id === FIRST_DIRECTION_ID);
  return taken ? freshId('direction') : FIRST_DIRECTION_ID;
}

function describeSource({ contrast, conditions }: VaneDocument): Reading['made'] {
  const used = contrast.kind === 'sampled' ? conditions.find(({ id }) => id === contrast.positiveConditionId)?.adapterScales : {};
  return { contrast: describeContrast(contrast), seed: contrast.kind === 'pairs' ? null : contrast.seed, adapterScales: used ?? {} };
}

async function directionAt(
  { tokens, values, contrastSha256: hash, made }: Reading,
  hookPoint: string,
  id: string,
  settings: Pick<DirectionSettings, 'pool' | 'definition'>,
  modelId: string,
  signal: AbortSignal,
): Promise<Direction | null> {
  const { contrast } = values;
  const read = values.sides[hookPoint];
  if (!read) return null;
  const [adapterName] = Object.keys(made.adapterScales).filter((name) => made.adapterScales[name] !== 0);
  const name = adapterName ? directionName(adapterName) : contrast.sides ? 'system prompt' : 'contrast';
  const { sides } = contrast;
  const direction = directionFrom({ id, name, hookPoint, settings: { ...settings, tokens }, read, sides, contrastSha256: hash, ...made });
  const [measured] = await withTokenDeviations(theEngine(), modelId, contrast, [direction], { signal });
  return measured ?? null;
}

/** The document with a direction in place of the one of its id; as it is where it has no room, as a state that undo leads to may have none. */
export function withDirection(document: VaneDocument, record: DirectionRecord): VaneDocument {
  const others = document.directions.filter(({ id }) => id !== record.id);
  return others.length < LIMITS.directionCount ? { ...document, directions: [...others, record] } : document;
}

/** Keeps a direction under a name of its own and shows it; the document holds its packed form and runs use exactly that. */
function keep(direction: Direction): void {
  const { directions } = appStore.getState().document;
  const others = directions.filter(({ id }) => id !== direction.id);
  const name =
    directions.find(({ id }) => id === direction.id)?.name ??
    uniqueName(
      direction.name,
      others.map((other) => other.name),
    );
  const record = toDirectionRecord({ ...direction, name });
  followingTint(() => {
    recordInDocument((document) => withDirection(document, record));
    takeDirections();
    setSession({ activeDirectionId: record.id });
  });
}

/** Runtime directions are what the document's packed records say, nothing else; the tint follows when the shown one is another now. */
export function refreshDirections(): void {
  followingTint(takeDirections);
}

function takeDirections(): void {
  setRuntime({ directions: appStore.getState().document.directions.map(toDirection) });
  refreshCosines();
}

async function profile({ values }: Reading, settings: Pick<DirectionSettings, 'pool' | 'definition'>, signal: AbortSignal): Promise<void> {
  const points: ProfilePoint[] = [];
  const { definition } = settings;
  const otherDefinition = definition === 'plain' ? 'standardised' : 'plain';
  const groups = [...values.positiveGroups, ...values.negativeGroups];
  const positives = groups.map((_, index) => index < values.positiveGroups.length);
  // Groups are held out in turn: with one alone nothing can be said of separation.
  const blocks = new Set(groups).size < 2 ? 0 : (appStore.getState().runtime.modelInfo?.nLayers ?? 0);
  for (let block = 0; block < blocks; block++) {
    await breathe();
    signal.throwIfAborted();
    const hookPoint = `blocks.${block}.hook_resid_post`;
    const sides = values.sides[hookPoint];
    if (!sides) continue;
    const { positive, negative } = sides;
    const width = positive.means.shape[1] ?? 0;
    const data = new Float32Array(positive.means.data.length + negative.means.data.length);
    data.set(positive.means.data);
    data.set(negative.means.data, positive.means.data.length);
    const rows = {
      means: { data, shape: [groups.length, width] },
      tokenCounts: [...positive.tokenCounts, ...negative.tokenCounts],
      positive: positives,
      groups,
    };
    const by = (which: DirectionSettings['definition']) => separation(hookPoint, rows, { ...settings, definition: which, resamples: 200 });
    const estimate = ({ auc }: Separation) => ({ mean: auc.value, low: auc.low, high: auc.high, n: groups.length });
    const result = by(definition);
    await breathe();
    points.push({
      hookPoint,
      block,
      relativeNorm: result.norm / (values.norms[hookPoint] || 1),
      auc: estimate(result),
      definition,
      other: { definition: otherDefinition, auc: estimate(by(otherDefinition)) },
    });
  }
  setRuntime({ profile: points });
}

/** Both sides' rows in the plane of the direction and the largest remaining component. */
function scatter({ values: read }: Reading, direction: Direction): void {
  const sides = read.sides[direction.hookPoint];
  if (!sides) return;
  const { positive, negative } = sides;
  const width = positive.means.shape[1] ?? 0;
  const rows = [positive, negative].flatMap((side, sideIndex) =>
    side.tokenCounts.map((_, index) => ({
      positive: sideIndex === 0,
      values: side.means.data.subarray(index * width, (index + 1) * width),
    })),
  );
  // Two rows span no plane.
  if (rows.length < 3) {
    setRuntime({ scatter: [] });
    return;
  }
  const length = norm(direction.values) || 1;
  const along = rows.map(({ values }) => dotWith(values, direction.values) / length);
  const rest = new Float32Array(rows.length * width);
  rows.forEach(({ values }, row) => {
    for (let i = 0; i < width; i++)
      rest[row * width + i] = (values[i] as number) - ((along[row] as number) * (direction.values[i] as number)) / length;
  });
  const pca = principalComponents({ data: rest, shape: [rows.length, width] }, 1);
  const texts = [true, false].flatMap((positive) => read.contrast.rows.filter((row) => row.positive === positive));
  setRuntime({
    scatter: rows.map((row, index) => ({
      x: along[index] as number,
      y: projectOnComponents(pca, rest.subarray(index * width, (index + 1) * width))[0] ?? 0,
      positive: row.positive,
      label: texts[index]?.text ?? '',
    })),
  });
}

function dotWith(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Cosines among all kept directions of one width. */
export function refreshCosines(): void {
  const { directions } = appStore.getState().runtime;
  const [first] = directions;
  const alike = directions.filter(({ values }) => values.length === first?.values.length);
  setRuntime({
    cosines: first
      ? {
          ids: alike.map(({ id }) => id),
          names: alike.map(({ name }) => name),
          values: cosineMatrix(alike.map(({ values }) => values)),
          hookPoint: first.hookPoint,
        }
      : null,
  });
}

export function renameDirection(id: string, name: string): void {
  editDocument(
    (document) => ({ ...document, directions: document.directions.map((record) => (record.id === id ? { ...record, name } : record)) }),
    `rename-${id}`,
  );
  refreshDirections();
}

/** Adds the direction with its sign turned. @throws LimitError when the document is full. */
export function flipDirection(id: string): void {
  const direction = appStore.getState().runtime.directions.find((candidate) => candidate.id === id);
  if (!direction) return;
  const { document: present } = appStore.getState();
  requireRoom(present, 'directions');
  const flipped = flippedDirection(direction);
  const name = uniqueName(
    flipped.name,
    present.directions.map((other) => other.name),
  );
  const record = toDirectionRecord({ ...flipped, name, id: freshId('direction') });
  editDocument((document) => ({ ...document, directions: [...document.directions, record] }));
  refreshDirections();
}

/** Removes a direction; interventions that used it wait for another. */
export function deleteDirection(id: string): void {
  editDocument((document) => ({ ...document, directions: document.directions.filter((record) => record.id !== id) }));
  refreshDirections();
}
