import { ArgumentError, MismatchError } from '../../core/errors';
import { expandHookPoints } from '../../core/hook-point';
import type { Tensor } from '../../core/tensor';
import type {
  ForwardRequest,
  ForwardResult,
  PooledRequest,
  PooledResult,
  ProjectRequest,
  RunOptions,
  ScoreAnswersRequest,
  ScoredAnswer,
} from '../api';
import { canonicalSite } from './decoder-runner';
import type { LoadedModel } from './loaded-model';
import { yieldToMessages } from './mutex';
import { rowBatches } from './row-batches';

/** Runs rows and returns logits and residuals as asked, padded to the longest row of all. */
export async function forward(model: LoadedModel, request: ForwardRequest, signal?: AbortSignal): Promise<ForwardResult> {
  model.checkRows(request.ids);
  const { dModel, nLayers, vocabSize } = model.config;
  const hookPoints = expandHookPoints(request.hookPoints ?? [], nLayers);
  const mode = request.logits ?? 'last';
  const lengths = request.ids.map((row) => row.length);
  const width = Math.max(...lengths);
  const rows = lengths.length;
  const positions = mode === 'all' ? width : 1;
  const logits = mode === 'none' ? null : new Float32Array(rows * positions * vocabSize);
  const activations: Record<string, Tensor> = {};
  for (const name of hookPoints) activations[name] = { data: new Float32Array(rows * width * dModel), shape: [rows, width, dModel] };
  const perToken = hookPoints.length * dModel * 4 + (mode === 'all' ? vocabSize * 4 : 0);
  for await (const batch of batches(model, request, request.ids, promptLengthsOf(request), perToken, signal)) {
    const all = batch.tokens(() => true);
    const logitRows =
      mode === 'none'
        ? undefined
        : mode === 'all'
          ? all.rows
          : batch.tokens((position, row) => position === (lengths[row] as number) - 1).rows;
    const taps = hookPoints.length > 0 ? { hookPoints, rows: all.rows, values: true } : undefined;
    const result = await batch.run({ logitRows, taps });
    const place = (source: Float32Array, target: Float32Array, size: number, pitch: number) => {
      all.rows.forEach((_, index) => {
        const at = ((all.owners[index] as number) * pitch + (all.positions[index] as number)) * size;
        target.set(source.subarray(index * size, (index + 1) * size), at);
      });
    };
    for (const [name, values] of Object.entries(result.values)) place(values, (activations[name] as Tensor).data, dModel, width);
    if (!logits || !result.logits) continue;
    if (mode === 'all') place(result.logits, logits, vocabSize, width);
    else
      batch.rows.forEach((row, index) => {
        logits.set((result.logits as Float32Array).subarray(index * vocabSize, (index + 1) * vocabSize), row * vocabSize);
      });
  }
  return { ...(logits ? { logits: { data: logits, shape: [rows, positions, vocabSize] } } : {}), activations, lengths };
}

/** Means of the residual and of its length over each row's selected tokens, summed in f64. */
export async function pooled(
  model: LoadedModel,
  request: PooledRequest,
  emit: (event: { done: number; total: number }) => void,
  signal?: AbortSignal,
): Promise<PooledResult> {
  const ids = request.rows.map(({ promptIds, answerIds }) => [...promptIds, ...answerIds]);
  model.checkRows(ids);
  const { dModel, nLayers } = model.config;
  const hookPoints = expandHookPoints(request.hookPoints, nLayers);
  const prompts = request.rows.map(({ promptIds }) => promptIds.length);
  const selected = ids.map((row, index) => selectPositions(request.tokens, row.length, prompts[index] as number));
  const empty = selected.findIndex((positions) => positions.size === 0);
  if (empty >= 0)
    throw new ArgumentError(`row ${empty}: expected at least one selected token, got 0.`, 'Leave rows without such tokens out.');
  const means: Record<string, Tensor> = {};
  const norms: Record<string, Float32Array> = {};
  for (const name of hookPoints) {
    means[name] = { data: new Float32Array(ids.length * dModel), shape: [ids.length, dModel] };
    norms[name] = new Float32Array(ids.length);
  }
  let done = 0;
  for await (const batch of batches(model, request, ids, prompts, hookPoints.length * dModel * 4, signal)) {
    const tokens = batch.tokens((position, row) => (selected[row] as Set<number>).has(position));
    const { values } = await batch.run({ taps: { hookPoints, rows: tokens.rows, values: true } });
    for (const [name, data] of Object.entries(values))
      poolRows(data, tokens.owners, dModel, selected, (means[name] as Tensor).data, norms[name] as Float32Array);
    done += batch.rows.length;
    emit({ done, total: ids.length });
  }
  return { means, norms, tokenCounts: selected.map((positions) => positions.size) };
}

/** `h . v / |v|` of every token on every probe: `[pos, probes]` for each row. */
export async function project(model: LoadedModel, request: ProjectRequest, signal?: AbortSignal): Promise<Tensor[]> {
  model.checkRows(request.ids);
  const probes = groupProbes(request.probes, model);
  const count = request.probes.length;
  const results = request.ids.map((row) => ({ data: new Float32Array(row.length * count), shape: [row.length, count] }));
  for await (const batch of batches(model, request, request.ids, promptLengthsOf(request), count * 4, signal)) {
    const all = batch.tokens(() => true);
    const { projections } = await batch.run({
      taps: { hookPoints: probes.sites, rows: all.rows, values: false, probes: probes.directions },
    });
    const spread = probes.spread(projections, all.rows.length);
    all.rows.forEach((_, index) => {
      const target = results[all.owners[index] as number] as Tensor;
      target.data.set(spread.subarray(index * count, (index + 1) * count), (all.positions[index] as number) * count);
    });
  }
  return results;
}

/** Log-probability of each answer's tokens, given its prompt; log-sum-exp in f64. */
export async function scoreAnswers(model: LoadedModel, request: ScoreAnswersRequest, signal?: AbortSignal): Promise<ScoredAnswer[]> {
  const ids = request.rows.map(({ promptIds, answerIds }) => [...promptIds, ...answerIds]);
  model.checkRows(ids);
  const { vocabSize } = model.config;
  const prompts = request.rows.map(({ promptIds }) => promptIds.length);
  const results = request.rows.map(({ answerIds }) => ({ logProb: 0, tokenCount: 0, tokenLogProbs: new Float64Array(answerIds.length) }));
  // Nothing follows an answer's last token, so it need not be read.
  const fed = request.rows.map(({ promptIds, answerIds }) => [...promptIds, ...answerIds.slice(0, -1)]);
  for await (const batch of batches(model, request, fed, prompts, vocabSize * 4, signal)) {
    const tokens = batch.tokens(
      (position, row) => position + 1 >= (prompts[row] as number) && position + 1 < (ids[row] as number[]).length,
    );
    if (tokens.rows.length === 0) continue;
    const { logits } = await batch.run({ logitRows: tokens.rows });
    tokens.rows.forEach((_, index) => {
      const row = tokens.owners[index] as number;
      const next = (ids[row] as number[])[(tokens.positions[index] as number) + 1] as number;
      const score = results[row] as ScoredAnswer;
      const [logProb] = logProbabilities((logits as Float32Array).subarray(index * vocabSize, (index + 1) * vocabSize), [next]) as [number];
      score.logProb += logProb;
      score.tokenLogProbs[(tokens.positions[index] as number) + 1 - (prompts[row] as number)] = logProb;
      score.tokenCount++;
    });
  }
  return results;
}

/** Natural-log probabilities of the given tokens under one row of logits; log-sum-exp in f64 over the whole vocabulary. */
export function logProbabilities(logits: Float32Array, ids: readonly number[]): number[] {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) if ((logits[i] as number) > largest) largest = logits[i] as number;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp((logits[i] as number) - largest);
  return ids.map((id) => (logits[id] as number) - largest - Math.log(sum));
}

/** Probes by the tensor they read, so that several at one place are one product. */
export function groupProbes(probes: ReadonlyArray<{ hookPoint: string; values: Float32Array }>, model: LoadedModel) {
  const { dModel, nLayers } = model.config;
  const bySite = new Map<string, number[]>();
  const units = probes.map(({ hookPoint, values }, index) => {
    const [name] = expandHookPoints(hookPoint, nLayers);
    const site = canonicalSite(name as string);
    bySite.set(site, [...(bySite.get(site) ?? []), index]);
    if (values.length !== dModel)
      throw new MismatchError(
        `probe at ${hookPoint}: expected ${dModel} numbers, got ${values.length}.`,
        'Use a direction that was taken from this model.',
      );
    let squares = 0;
    for (const value of values) squares += value * value;
    if (!(squares > 0) || !Number.isFinite(squares))
      throw new ArgumentError(
        `probe at ${hookPoint}: expected a direction of finite length above 0, got ${Math.sqrt(squares)}.`,
        'Choose another direction.',
      );
    const length = Math.sqrt(squares);
    return Float32Array.from(values, (value) => value / length);
  });
  const sites = [...bySite.keys()];
  const width = Math.max(1, ...[...bySite.values()].map((members) => members.length));
  const zero = new Float32Array(dModel);
  const directions = sites.map((site) => Array.from({ length: width }, (_, slot) => units[bySite.get(site)?.[slot] ?? -1] ?? zero));
  return {
    sites,
    directions,
    /** `[rows, probes]` in the order of the request. */
    spread(projections: Record<string, Float32Array>, rows: number): Float32Array {
      const result = new Float32Array(rows * probes.length);
      for (const [site, members] of bySite) {
        members.forEach((probe, slot) => {
          for (let row = 0; row < rows; row++) result[row * probes.length + probe] = projections[site]?.[row * width + slot] ?? Number.NaN;
        });
      }
      return result;
    },
  };
}

function promptLengthsOf({ ids, promptLengths }: { ids: number[][]; promptLengths?: number[] }): number[] {
  return ids.map((row, index) => promptLengths?.[index] ?? row.length);
}

function selectPositions(tokens: PooledRequest['tokens'], length: number, promptLength: number): Set<number> {
  const range = (from: number, to: number) => new Set(Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i));
  if (tokens === 'answer') return range(promptLength, length);
  if (tokens === 'prompt') return range(0, promptLength);
  if (tokens === 'lastPrompt') return range(Math.max(0, promptLength - 1), promptLength);
  return new Set(tokens.filter((position) => Number.isInteger(position) && position >= 0 && position < length));
}

function poolRows(
  data: Float32Array,
  owners: Int32Array,
  dModel: number,
  selected: ReadonlyArray<Set<number>>,
  means: Float32Array,
  norms: Float32Array,
): void {
  const sum = new Float64Array(dModel);
  let normSum = 0;
  for (let index = 0; index < owners.length; index++) {
    let squares = 0;
    for (let i = 0; i < dModel; i++) {
      const value = data[index * dModel + i] as number;
      sum[i] = (sum[i] as number) + value;
      squares += value * value;
    }
    normSum += Math.sqrt(squares);
    const row = owners[index] as number;
    if (index + 1 < owners.length && owners[index + 1] === row) continue;
    const count = (selected[row] as Set<number>).size;
    for (let i = 0; i < dModel; i++) means[row * dModel + i] = (sum[i] as number) / count;
    norms[row] = normSum / count;
    sum.fill(0);
    normSum = 0;
  }
}

interface TokenList {
  /** Flattened `batch * width + position`. */
  rows: Int32Array;
  /** The request's row that each belongs to. */
  owners: Int32Array;
  positions: Int32Array;
}

/** Cuts rows into batches that share one edit plan, and lets messages in between them. */
async function* batches(
  model: LoadedModel,
  options: RunOptions,
  ids: number[][],
  promptLengths: number[],
  perTokenBytes: number,
  signal?: AbortSignal,
) {
  const edits = await model.editPlan(options, signal);
  const adapterScales = model.adapterScales(options);
  for (const rows of rowBatches(
    ids.map((row) => row.length),
    model.batchTokens(perTokenBytes),
  )) {
    signal?.throwIfAborted();
    const members = rows.map((row) => ids[row] as number[]);
    const width = Math.max(...members.map((row) => row.length));
    yield {
      rows,
      tokens(wanted: (position: number, row: number) => boolean): TokenList {
        const flat: number[] = [];
        const owners: number[] = [];
        const positions: number[] = [];
        members.forEach((member, index) => {
          for (let position = 0; position < member.length; position++) {
            const row = rows[index] as number;
            if (!wanted(position, row)) continue;
            flat.push(index * width + position);
            owners.push(row);
            positions.push(position);
          }
        });
        return { rows: Int32Array.from(flat), owners: Int32Array.from(owners), positions: Int32Array.from(positions) };
      },
      run: (wanted: Pick<Parameters<LoadedModel['runner']['run']>[0], 'logitRows' | 'taps'>) =>
        model.runner.run({
          ids: members,
          promptLengths: rows.map((row) => promptLengths[row] as number),
          edits,
          adapterScales,
          signal,
          ...wanted,
        }),
    };
    await yieldToMessages();
  }
}
