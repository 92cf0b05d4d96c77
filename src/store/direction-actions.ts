import { flippedDirection } from '../analysis/control-direction';
import { principalComponents, projectOnComponents } from '../analysis/pca';
import { separation } from '../analysis/separation';
import { cosineMatrix } from '../analysis/vector';
import type { Direction } from '../core/direction';
import { norm } from '../core/direction';
import { toDirection, toDirectionRecord } from '../document/direction-record';
import { type Contrast, type ContrastReading, readContrast } from '../experiments/contrast';
import { appStore, editDocument, freshId, recordInDocument, runTask, setRuntime, setSession } from './app-store';
import { describeContrast, presentContrast } from './contrast-actions';
import { FIRST_DIRECTION_ID } from './default-document';
import { contrastSha256, directionFrom, directionName } from './direction-recipe';
import { theEngine } from './engine-handle';
import { readingsSetting } from './staleness';
import type { ProfilePoint } from './state';

/** What the last computation read, so that another block's direction needs no second pass. */
let reading: { contrast: Contrast; values: ContrastReading; contrastSha256: string } | null = null;

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
    async ({ signal, progress }) => {
      const { document, runtime } = appStore.getState();
      const { modelInfo } = runtime;
      if (!modelInfo) return;
      const contrast = await presentContrast({ signal, onProgress: progress });
      const { hookPoint, tokens } = document.directionSettings;
      const hookPoints = [
        ...new Set([...Array.from({ length: modelInfo.nLayers }, (_, block) => `blocks.${block}.hook_resid_post`), hookPoint]),
      ];
      const values = await readContrast(theEngine(), modelInfo.modelId, contrast, hookPoints, tokens, { signal, onProgress: progress });
      reading = {
        contrast,
        values,
        contrastSha256: await contrastSha256(contrast),
      };
      keep(hookPoint, id ?? firstFreeId());
      await profile(signal);
    },
    { retry: () => void computeDirection(id) },
  );
}

function firstFreeId(): string {
  const taken = appStore.getState().document.directions.some(({ id }) => id === FIRST_DIRECTION_ID);
  return taken ? freshId('direction') : FIRST_DIRECTION_ID;
}

function directionAt(hookPoint: string, id: string): Direction | null {
  const { document, runtime } = appStore.getState();
  const sides = reading?.values.sides[hookPoint];
  if (!reading || !sides || !runtime.modelInfo) return null;
  const { contrast } = document;
  const used =
    contrast.kind === 'sampled'
      ? document.conditions.find((condition) => condition.id === contrast.positiveConditionId)?.adapterScales
      : {};
  const adapterScales = used ?? {};
  const [adapterName] = Object.keys(adapterScales).filter((name) => adapterScales[name] !== 0);
  return directionFrom({
    id,
    name: adapterName ? directionName(adapterName) : contrast.kind === 'systemPrompts' ? 'system prompt' : 'contrast',
    hookPoint,
    sides,
    contrast: describeContrast(contrast),
    contrastSha256: reading.contrastSha256,
    seed: contrast.kind === 'pairs' ? null : contrast.seed,
    adapterScales,
  });
}

/** Keeps the direction at a hook point of the last reading; the document holds its packed form and runs use exactly that. */
function keep(hookPoint: string, id: string): void {
  const direction = directionAt(hookPoint, id);
  if (!direction) return;
  const name = appStore.getState().document.directions.find((known) => known.id === id)?.name ?? direction.name;
  const record = toDirectionRecord({ ...direction, name });
  const change = (document: ReturnType<typeof appStore.getState>['document']) => ({
    ...document,
    directions: [...document.directions.filter((known) => known.id !== id), record],
  });
  recordInDocument(change);
  refreshDirections();
  setSession({ activeDirectionId: id });
}

/** Keeps the direction at another block of the last reading as one more. */
export function keepDirection(hookPoint: string): void {
  keep(hookPoint, freshId('direction'));
  refreshCosines();
}

/** Runtime directions are what the document's packed records say, nothing else. */
export function refreshDirections(): void {
  setRuntime({ directions: appStore.getState().document.directions.map(toDirection) });
  refreshCosines();
}

async function profile(signal: AbortSignal): Promise<void> {
  if (!reading) return;
  const { values } = reading;
  const { document, runtime } = appStore.getState();
  const { pool, definition } = document.directionSettings;
  const points: ProfilePoint[] = [];
  for (let block = 0; block < (runtime.modelInfo?.nLayers ?? 0); block++) {
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
    const groups = [...values.positiveGroups, ...values.negativeGroups];
    const positives = groups.map((_, index) => index < values.positiveGroups.length);
    if (new Set(groups).size < 2) return;
    const result = separation(
      hookPoint,
      {
        means: { data, shape: [groups.length, width] },
        tokenCounts: [...positive.tokenCounts, ...negative.tokenCounts],
        positive: positives,
        groups,
      },
      { pool, definition, resamples: 200 },
    );
    points.push({
      hookPoint,
      block,
      relativeNorm: result.norm / (values.norms[hookPoint] || 1),
      auc: { mean: result.auc.value, low: result.auc.low, high: result.auc.high, n: groups.length },
    });
  }
  setRuntime({ profile: points, readingsMadeUnder: readingsSetting(document) });
  await breathe();
  scatter(document.directionSettings.hookPoint);
}

/** Both sides' rows in the plane of the direction and the largest remaining component. */
function scatter(hookPoint: string): void {
  const sides = reading?.values.sides[hookPoint];
  if (!reading || !sides) return;
  const { positive, negative } = sides;
  const width = positive.means.shape[1] ?? 0;
  const rows = [positive, negative].flatMap((side, sideIndex) =>
    side.tokenCounts.map((_, index) => ({
      positive: sideIndex === 0,
      values: side.means.data.subarray(index * width, (index + 1) * width),
    })),
  );
  const direction = appStore.getState().runtime.directions.find((candidate) => candidate.hookPoint === hookPoint);
  if (rows.length < 3 || !direction) return;
  const length = norm(direction.values) || 1;
  const along = rows.map(({ values }) => dotWith(values, direction.values) / length);
  const rest = new Float32Array(rows.length * width);
  rows.forEach(({ values }, row) => {
    for (let i = 0; i < width; i++)
      rest[row * width + i] = (values[i] as number) - ((along[row] as number) * (direction.values[i] as number)) / length;
  });
  const pca = principalComponents({ data: rest, shape: [rows.length, width] }, 1);
  const texts = [...reading.contrast.rows.filter((row) => row.positive), ...reading.contrast.rows.filter((row) => !row.positive)];
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
      ? { names: alike.map(({ name }) => name), values: cosineMatrix(alike.map(({ values }) => values)), hookPoint: first.hookPoint }
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

/** Adds the direction with its sign turned. */
export function flipDirection(id: string): void {
  const direction = appStore.getState().runtime.directions.find((candidate) => candidate.id === id);
  if (!direction) return;
  const record = toDirectionRecord({ ...flippedDirection(direction), id: freshId('direction') });
  editDocument((document) => ({ ...document, directions: [...document.directions, record] }));
  refreshDirections();
}

/** Removes a direction; interventions that used it wait for another. */
export function deleteDirection(id: string): void {
  editDocument((document) => ({ ...document, directions: document.directions.filter((record) => record.id !== id) }));
  refreshDirections();
}
