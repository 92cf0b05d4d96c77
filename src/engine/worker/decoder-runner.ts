import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { cacheNames, maskName, RUN_INPUTS } from '../../graph/attention';
import type { TapGroup } from '../../graph/decoder-author';
import { editInputNames, tapNames } from '../../graph/residual-stream';
import type { ModelConfig } from '../../models/model-config';
import { asBackendError } from './backend-failure';
import type { EditPlan, TokenBatch } from './edit-plan';
import type { EmbeddingTable } from './embedding-table';
import { KeyValueCache } from './key-value-cache';
import type { OrtRuntime } from './ort-runtime';
import type { PooledSession, SessionPool } from './session-pool';

/** Reads of one run: the same flattened token rows `batch * pos + pos` at every hook point. */
export interface TapRequest {
  hookPoints: string[];
  rows: Int32Array;
  values: boolean;
  /** Unit directions for each hook point, `[probes][dModel]`; the same number at each. */
  probes?: Float32Array[][];
}

export interface RunRequest {
  /** New tokens of each row; ragged rows are right-padded. */
  ids: ReadonlyArray<ArrayLike<number>>;
  promptLengths: readonly number[];
  cache?: KeyValueCache | null;
  keepCache?: boolean;
  /** Flattened token rows whose logits are wanted. */
  logitRows?: Int32Array;
  edits: EditPlan | null;
  adapterScales: readonly number[];
  taps?: TapRequest;
  signal?: AbortSignal;
}

export interface RunResult {
  /** Padded length of the new tokens. */
  width: number;
  /** `[logitRows, vocabSize]`. */
  logits: Float32Array | null;
  /** For each hook point `[rows, dModel]`. */
  values: Record<string, Float32Array>;
  /** For each hook point `[rows, probes]`. */
  projections: Record<string, Float32Array>;
  cache: KeyValueCache | null;
}

/** A request's tokens, embedded and edited. */
interface PreparedTokens {
  width: number;
  batch: TokenBatch;
  embeddings: Float32Array;
  /** Canonical hook points to read from the graph. */
  sites: string[];
}

/** The first name of the tensor that a hook point reads. */
export function canonicalSite(hookPoint: string): string {
  const known = CANONICAL_SITES.get(hookPoint);
  if (known !== undefined) return known;
  const match = /^blocks\.(\d+)\.hook_resid_pre$/.exec(hookPoint);
  const block = Number(match?.[1]);
  const site = !match ? hookPoint : block === 0 ? 'hook_embed' : `blocks.${block - 1}.hook_resid_post`;
  CANONICAL_SITES.set(hookPoint, site);
  return site;
}

/** Asked for at every decode step; holds no more than the hook points of the models in use. */
const CANONICAL_SITES = new Map<string, string>();

/** Runs batches of token rows through one model's sessions: embeds, edits, feeds the cache and gathers the reads. */
export class DecoderRunner {
  constructor(
    private readonly runtime: OrtRuntime,
    private readonly config: ModelConfig,
    private readonly embedding: EmbeddingTable,
    private readonly pool: SessionPool,
    private readonly attention: 'grouped' | 'decomposed',
  ) {}

  /** One pass. @throws BackendError when the runtime fails, AbortError when the signal fires before it starts. */
  async run(request: RunRequest): Promise<RunResult> {
    const { edits, taps, adapterScales, signal } = request;
    const width = Math.max(...request.ids.map((row) => row.length));
    const batch = this.tokenBatch(request, width);
    const embeddings = new Float32Array(batch.ids.length * this.config.dModel);
    this.embedding.lookUp(batch.ids, embeddings);
    edits?.editEmbeddings(embeddings, batch);
    const sites = [...new Set((taps?.hookPoints ?? []).map(canonicalSite))].filter((site) => site !== 'hook_embed');
    const needs = {
      editStages: edits?.graphStages ?? [],
      tokenNorm: edits?.usesTokenNorm ?? false,
      tapSites: sites,
      adapters: adapterScales.some((scale) => scale !== 0),
    };
    return this.pool.use(needs, (pooled) => this.runSession(pooled, request, { width, batch, embeddings, sites }), signal);
  }

  private async runSession(pooled: PooledSession, request: RunRequest, prepared: PreparedTokens): Promise<RunResult> {
    const { edits, taps, adapterScales, signal } = request;
    const { width, batch, embeddings, sites } = prepared;
    const feeds: Record<string, Tensor> = {};
    this.feedTokens(feeds, pooled, request, width, embeddings);
    this.feedEdits(feeds, pooled, edits, batch);
    const tapFetches = this.feedTaps(feeds, pooled, taps, sites);
    if (pooled.inputNames.has(RUN_INPUTS.adapterScales))
      feeds[RUN_INPUTS.adapterScales] = this.tensor(Float32Array.from(adapterScales), [adapterScales.length]);
    const fetches = [...tapFetches];
    if (request.logitRows || fetches.length === 0) fetches.push('logits');
    if (request.keepCache)
      for (let block = 0; block < this.config.nLayers; block++) fetches.push(cacheNames(block).presentKey, cacheNames(block).presentValue);
    const outputs = await this.runtime.mutex
      .run(async () => {
        signal?.throwIfAborted();
        return pooled.session.run(feeds, fetches);
      })
      .catch((error: unknown) => {
        throw asBackendError(error, 'running the model');
      });
    return {
      width,
      logits: request.logitRows ? (outputs.logits?.data as Float32Array) : null,
      ...this.collectTaps(outputs, pooled, taps, embeddings),
      cache: request.keepCache ? this.presentCache(outputs, request, width) : null,
    };
  }

  private tensor(data: Float32Array, dims: number[]): Tensor {
    return new this.runtime.ort.Tensor('float32', data, dims);
  }

  private integers(values: ArrayLike<number>, dims: number[] = [values.length]): Tensor {
    return new this.runtime.ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
  }

  private tokenBatch(request: RunRequest, width: number): TokenBatch {
    const count = request.ids.length * width;
    const batch = { ids: new Int32Array(count).fill(-1), positions: new Int32Array(count).fill(-1), promptLengths: new Int32Array(count) };
    request.ids.forEach((row, index) => {
      const start = request.cache?.lengths[index] ?? 0;
      for (let i = 0; i < row.length; i++) {
        const token = index * width + i;
        batch.ids[token] = row[i] as number;
        batch.positions[token] = start + i;
        batch.promptLengths[token] = request.promptLengths[index] ?? 0;
      }
    });
    return batch;
  }

  private feedTokens(
    feeds: Record<string, Tensor>,
    pooled: PooledSession,
    request: RunRequest,
    width: number,
    embeddings: Float32Array,
  ): void {
    const { dModel, nLayers, nKvHeads, headDim } = this.config;
    const { cache, ids } = request;
    const rows = ids.length;
    feeds[RUN_INPUTS.embeddings] = this.tensor(embeddings, [rows * width, dModel]);
    feeds[RUN_INPUTS.logitRows] = this.integers(request.logitRows?.length ? request.logitRows : [0]);
    for (let block = 0; block < nLayers; block++) {
      const { pastKey, pastValue } = cacheNames(block);
      const layer = cache?.layers[block];
      feeds[pastKey] = layer?.key ?? this.tensor(new Float32Array(0), [rows, nKvHeads, 0, headDim]);
      feeds[pastValue] = layer?.value ?? this.tensor(new Float32Array(0), [rows, nKvHeads, 0, headDim]);
    }
    if (this.attention === 'grouped') {
      const lengths = ids.map((row, index) => (cache?.lengths[index] ?? 0) + row.length);
      feeds[RUN_INPUTS.rowShape] = this.integers([rows, width, -1]);
      feeds[RUN_INPUTS.lastPositions] = new this.runtime.ort.Tensor(
        'int32',
        Int32Array.from(lengths, (length) => length - 1),
        [rows],
      );
      feeds[RUN_INPUTS.totalLength] = new this.runtime.ort.Tensor('int32', Int32Array.of(Math.max(...lengths)), []);
    } else this.feedMasks(feeds, pooled, request, width);
  }

  private feedMasks(feeds: Record<string, Tensor>, pooled: PooledSession, { cache, ids }: RunRequest, width: number): void {
    const { nHeads, nKvHeads, headDim, slidingWindow } = this.config;
    const rows = ids.length;
    const positions = new Int32Array(rows * width);
    ids.forEach((row, index) => {
      const start = cache?.lengths[index] ?? 0;
      for (let i = 0; i < row.length; i++) positions[index * width + i] = start + i;
    });
    feeds[RUN_INPUTS.headShape] = this.integers([rows, width, -1, headDim]);
    feeds[RUN_INPUTS.positions] = this.integers(positions, [rows, width]);
    const group = nHeads / nKvHeads;
    const slots = this.slotPositions(cache ?? null, ids, width);
    const total = slots[0]?.length ?? 0;
    for (const kind of ['full', 'sliding'] as const) {
      if (!pooled.inputNames.has(maskName(kind))) continue;
      const window = kind === 'sliding' ? (slidingWindow ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
      const mask = new Float32Array(rows * group * width * total);
      slots.forEach((held, row) => {
        for (let query = 0; query < width; query++) {
          const position = positions[row * width + query] as number;
          const line = mask.subarray((row * group * width + query) * total, (row * group * width + query + 1) * total);
          // A pad's own line stays open to slot 0, so that its softmax is finite.
          for (let slot = 0; slot < total; slot++) {
            const key = held[slot] as number;
            const visible = key >= 0 && key <= position && position - key < window;
            if (!visible) line[slot] = MASKED;
          }
          for (let copy = 1; copy < group; copy++) mask.set(line, ((row * group + copy) * width + query) * total);
        }
      });
      feeds[maskName(kind)] = this.tensor(mask, [rows, 1, group * width, total]);
    }
  }

  private slotPositions(cache: KeyValueCache | null, ids: RunRequest['ids'], width: number): Int32Array[] {
    const before = cache?.slots ?? 0;
    return ids.map((row, index) => {
      const held = new Int32Array(before + width).fill(-1);
      const known = cache?.slotPositions[index];
      if (known) held.set(known);
      const start = cache?.lengths[index] ?? 0;
      for (let i = 0; i < row.length; i++) held[before + i] = start + i;
      return held;
    });
  }

  private feedEdits(feeds: Record<string, Tensor>, pooled: PooledSession, edits: EditPlan | null, batch: TokenBatch): void {
    const { dModel } = this.config;
    for (const stage of pooled.plan.editStages) {
      const names = editInputNames(stage);
      const inputs = edits?.inputs(stage, batch) ?? noEdit(batch.ids.length, dModel);
      feeds[names.project] = this.tensor(inputs.project, [dModel, inputs.slots]);
      feeds[names.bias] = this.tensor(inputs.bias, [inputs.slots]);
      if (pooled.plan.tokenNorm) feeds[names.normScale] = this.tensor(inputs.normScale, [inputs.slots]);
      feeds[names.mask] = this.tensor(inputs.mask, [batch.ids.length, inputs.slots]);
      feeds[names.write] = this.tensor(inputs.write, [inputs.slots, dModel]);
    }
  }

  private feedTaps(feeds: Record<string, Tensor>, pooled: PooledSession, taps: TapRequest | undefined, sites: string[]): string[] {
    const fetches: string[] = [];
    for (const group of pooled.plan.taps) {
      const names = tapNames(group.name);
      const wanted = taps !== undefined && group.sites.some((site) => sites.includes(site));
      feeds[names.rows] = this.integers(wanted && taps.rows.length > 0 ? taps.rows : [0]);
      feeds[names.probes] = this.probeTensor(group, wanted ? taps : undefined);
      if (wanted && taps.probes) fetches.push(names.projections);
      if (wanted && taps.values) fetches.push(names.values);
    }
    return fetches;
  }

  /** Probes change between requests, not between the steps of one: their tensor is made once for each set and group. */
  private probeTensor(group: TapGroup, taps: TapRequest | undefined): Tensor {
    const key = taps?.probes ?? NO_PROBES;
    const made = this.probeTensors.get(key) ?? new WeakMap<TapGroup, Tensor>();
    this.probeTensors.set(key, made);
    const known = made.get(group);
    if (known) return known;
    const { dModel } = this.config;
    const count = taps?.probes?.[0]?.length ?? 1;
    const values = new Float32Array(group.sites.length * dModel * count);
    taps?.hookPoints.forEach((hookPoint, index) => {
      const site = group.sites.indexOf(canonicalSite(hookPoint));
      if (site < 0) return;
      taps.probes?.[index]?.forEach((direction, probe) => {
        for (let i = 0; i < dModel; i++) values[(site * dModel + i) * count + probe] = direction[i] as number;
      });
    });
    const tensor = this.tensor(values, [group.sites.length, dModel, count]);
    made.set(group, tensor);
    return tensor;
  }

  private readonly probeTensors = new WeakMap<object, WeakMap<TapGroup, Tensor>>();

  private collectTaps(
    outputs: InferenceSession.OnnxValueMapType,
    pooled: PooledSession,
    taps: TapRequest | undefined,
    embeddings: Float32Array,
  ): Pick<RunResult, 'values' | 'projections'> {
    const values: Record<string, Float32Array> = {};
    const projections: Record<string, Float32Array> = {};
    const { dModel } = this.config;
    taps?.hookPoints.forEach((hookPoint, index) => {
      const site = canonicalSite(hookPoint);
      const probes = taps.probes?.[index];
      if (site === 'hook_embed') {
        const read = gatherRows(embeddings, taps.rows, dModel);
        if (taps.values) values[hookPoint] = read;
        if (probes) projections[hookPoint] = projectRows(read, probes, dModel);
        return;
      }
      const group = pooled.plan.taps.find(({ sites }) => sites.includes(site));
      if (!group) throw new RangeError(`hook point ${hookPoint}: expected a site of this graph.`);
      const part = (name: string): Float32Array => {
        const data = outputs[name]?.data as Float32Array;
        const size = data.length / group.sites.length;
        const position = group.sites.indexOf(site);
        return data.subarray(position * size, (position + 1) * size);
      };
      if (taps.values) values[hookPoint] = part(tapNames(group.name).values);
      if (probes) projections[hookPoint] = part(tapNames(group.name).projections);
    });
    return { values, projections };
  }

  private presentCache(outputs: InferenceSession.OnnxValueMapType, request: RunRequest, width: number): KeyValueCache {
    const { cache, ids } = request;
    const layers = Array.from({ length: this.config.nLayers }, (_, block) => {
      const { presentKey, presentValue } = cacheNames(block);
      return { key: outputs[presentKey] as Tensor, value: outputs[presentValue] as Tensor };
    });
    const lengths = ids.map((row, index) => (cache?.lengths[index] ?? 0) + row.length);
    const slots = this.attention === 'decomposed' ? this.slotPositions(cache ?? null, ids, width) : ids.map(() => new Int32Array(0));
    return new KeyValueCache(this.runtime, layers, lengths, slots);
  }
}

/** Stands for the probes of a run that has none. */
const NO_PROBES: Float32Array[][] = [];

/** Large enough to vanish in the softmax, small enough to stay finite after the addition. */
const MASKED = -1e30;

function noEdit(tokens: number, dModel: number) {
  return {
    slots: 1,
    project: new Float32Array(dModel),
    bias: new Float32Array(1),
    normScale: new Float32Array(1),
    mask: new Float32Array(tokens),
    write: new Float32Array(dModel),
  };
}

function gatherRows(source: Float32Array, rows: Int32Array, width: number): Float32Array {
  const target = new Float32Array(rows.length * width);
  rows.forEach((row, index) => {
    target.set(source.subarray(row * width, (row + 1) * width), index * width);
  });
  return target;
}

function projectRows(values: Float32Array, probes: Float32Array[], dModel: number): Float32Array {
  const rows = values.length / dModel;
  const result = new Float32Array(rows * probes.length);
  for (let row = 0; row < rows; row++) {
    probes.forEach((direction, probe) => {
      let sum = 0;
      for (let i = 0; i < dModel; i++) sum += (values[row * dModel + i] as number) * (direction[i] as number);
      result[row * probes.length + probe] = sum;
    });
  }
  return result;
}
