import { ArgumentError, MismatchError } from '../../core/errors';
import { expandHookPoints } from '../../core/hook-point';
import type { Intervention } from '../../core/intervention';
import type { LoraAdapter } from '../../formats/lora-adapter';
import type { TextTokenizer } from '../../formats/text-tokenizer';
import type { LoraBranch } from '../../graph/decoder-author';
import type { ModelConfig } from '../../models/model-config';
import type { AdapterInfo, ModelInfo, RunOptions } from '../api';
import { CALIBRATION_TEXTS } from './calibration-texts';
import { DecoderRunner } from './decoder-runner';
import { EditPlan, neededNorms } from './edit-plan';
import type { EmbeddingTable } from './embedding-table';
import { SharedLock } from './mutex';
import type { OrtRuntime } from './ort-runtime';
import { rowBatches } from './row-batches';
import { SessionPool } from './session-pool';
import type { WeightImage } from './weight-image';

export interface LoadedModelParts {
  info: ModelInfo;
  config: ModelConfig;
  tokenizer: TextTokenizer;
  runtime: OrtRuntime;
  embedding: EmbeddingTable;
  attention: 'grouped' | 'decomposed';
  image(signal?: AbortSignal): Promise<WeightImage>;
}

/** One model in the worker: its sessions, tokenizer, adapters and calibration. */
export class LoadedModel {
  readonly config: ModelConfig;
  readonly tokenizer: TextTokenizer;
  info: ModelInfo;
  private readonly adapters: Array<{ name: string; adapter: LoraAdapter }> = [];
  private readonly norms = new Map<string, number>();
  /** Requests share the model; a change of adapters and the end wait for them. */
  readonly lock = new SharedLock();
  private pool: SessionPool;
  runner: DecoderRunner;

  constructor(private readonly parts: LoadedModelParts) {
    this.info = parts.info;
    this.config = parts.config;
    this.tokenizer = parts.tokenizer;
    this.pool = this.makePool();
    this.runner = this.makeRunner();
  }

  /** Largest padded batch that one run takes; `perTokenBytes` is what the run gives back for each token. */
  batchTokens(perTokenBytes = 0): number {
    const byMemory = perTokenBytes > 0 ? Math.floor(OUTPUT_BYTES / perTokenBytes) : Number.POSITIVE_INFINITY;
    return Math.max(1, Math.min(BATCH_TOKENS, byMemory));
  }

  /** Replaces or adds an adapter; sessions are made anew at the next run. */
  async addAdapter(name: string, adapter: LoraAdapter): Promise<void> {
    const index = this.adapters.findIndex((item) => item.name === name);
    if (index < 0) this.adapters.push({ name, adapter });
    else this.adapters[index] = { name, adapter };
    const old = this.pool;
    this.pool = this.makePool();
    this.runner = this.makeRunner();
    this.info = { ...this.info, adapters: this.adapters.map(describeAdapter) };
    await old.clear();
  }

  /** Makes the plain session now, so that loading reports its failure. */
  async warm(signal?: AbortSignal): Promise<void> {
    await this.pool.use({ editStages: [], tokenNorm: false, tapSites: [], adapters: false }, async () => undefined, signal);
  }

  /** Compiles a run's interventions; null when nothing is edited. */
  async editPlan({ interventions = [] }: RunOptions, signal?: AbortSignal): Promise<EditPlan | null> {
    const { nLayers, dModel } = this.config;
    if (interventions.length === 0) return null;
    const residualNorms = await this.residualNorms(neededNorms(interventions, nLayers), signal);
    const plan = new EditPlan(interventions as Intervention[], {
      nLayers,
      dModel,
      isSpecial: (id) => this.tokenizer.isSpecial(id),
      residualNorms,
    });
    return plan.isEmpty ? null : plan;
  }

  /** Scales in the adapters' order; those not named are 0. @throws MismatchError for an unknown name. */
  adapterScales({ adapterScales = {} }: RunOptions): number[] {
    for (const [name, scale] of Object.entries(adapterScales)) {
      if (!this.adapters.some((item) => item.name === name)) {
        throw new MismatchError(
          `adapter "${name}": expected one of [${this.adapters.map((item) => item.name).join(', ')}].`,
          'Load the adapter first.',
        );
      }
      if (!Number.isFinite(scale))
        throw new ArgumentError(`scale of adapter "${name}": expected a finite number, got ${scale}.`, 'Use 1 for the adapter as trained.');
    }
    return this.adapters.map(({ name }) => adapterScales[name] ?? 0);
  }

  /** @throws ArgumentError for empty or too long rows and ids outside the vocabulary. */
  checkRows(rows: ReadonlyArray<readonly number[]>): void {
    if (rows.length === 0) throw new ArgumentError('token rows: expected at least one, got 0.', 'Pass at least one prompt.');
    rows.forEach((row, index) => {
      if (row.length === 0 || row.length > this.info.contextLength) {
        throw new ArgumentError(
          `token row ${index}: expected 1 to ${this.info.contextLength} tokens, got ${row.length}.`,
          'Shorten the text.',
        );
      }
      const wrong = row.find((id) => !Number.isInteger(id) || id < 0 || id >= this.config.vocabSize);
      if (wrong !== undefined)
        throw new ArgumentError(
          `token row ${index}: expected ids below ${this.config.vocabSize}, got ${wrong}.`,
          "Tokenize with this model's tokenizer.",
        );
    });
  }

  /** Mean residual norm of the plain model at each hook point over the calibration texts, first tokens left out. */
  async residualNorms(hookPoints: readonly string[], signal?: AbortSignal): Promise<Record<string, number>> {
    const names = expandHookPoints([...hookPoints], this.config.nLayers);
    const missing = names.filter((name) => !this.norms.has(name));
    if (missing.length > 0) await this.measureNorms(missing, signal);
    return Object.fromEntries(names.map((name) => [name, this.norms.get(name) as number]));
  }

  async dispose(): Promise<void> {
    await this.pool.clear();
    await this.parts.embedding.dispose();
  }

  private async measureNorms(hookPoints: string[], signal?: AbortSignal): Promise<void> {
    const { dModel } = this.config;
    const rows = CALIBRATION_TEXTS.map((text) => {
      const rendered = this.tokenizer.render([{ role: 'user', content: text }], { addGenerationPrompt: true });
      return this.tokenizer.encodeRendered(rendered).slice(0, this.info.contextLength);
    });
    const sums = new Map<string, { sum: number; count: number }>(hookPoints.map((name) => [name, { sum: 0, count: 0 }]));
    for (const batch of rowBatches(
      rows.map((row) => row.length),
      this.batchTokens(hookPoints.length * dModel * 4),
    )) {
      const ids = batch.map((row) => rows[row] as number[]);
      const width = Math.max(...ids.map((row) => row.length));
      const tokens = ids.flatMap((row, index) => row.slice(1).map((_, i) => index * width + i + 1));
      const taps = { hookPoints, rows: Int32Array.from(tokens), values: true };
      const { values } = await this.runner.run({
        ids,
        promptLengths: ids.map((row) => row.length),
        edits: null,
        adapterScales: this.adapterScales({}),
        taps,
        signal,
      });
      for (const [name, data] of Object.entries(values)) {
        const total = sums.get(name);
        if (!total) continue;
        for (let row = 0; row < tokens.length; row++) {
          let squares = 0;
          for (let i = row * dModel; i < (row + 1) * dModel; i++) squares += (data[i] as number) ** 2;
          total.sum += Math.sqrt(squares);
          total.count++;
        }
      }
    }
    for (const [name, { sum, count }] of sums) this.norms.set(name, sum / Math.max(1, count));
  }

  private makePool(): SessionPool {
    const { runtime, config, attention, image, info } = this.parts;
    return new SessionPool({
      runtime,
      config,
      attention,
      image,
      maxPositions: info.contextLength,
      lora: loraBranches(this.adapters.map((item) => item.adapter)),
      adapterCount: this.adapters.length,
      weightBytes: info.weightBytes,
    });
  }

  private makeRunner(): DecoderRunner {
    const { runtime, config, embedding, attention } = this.parts;
    return new DecoderRunner(runtime, config, embedding, this.pool, attention);
  }
}

/** Padded tokens of one run: enough to fill the matrix products, little enough to keep the attention scores small. */
const BATCH_TOKENS = 2048;
const OUTPUT_BYTES = 64 * 1024 * 1024;

function describeAdapter({ name, adapter }: { name: string; adapter: LoraAdapter }): AdapterInfo {
  return {
    name,
    sha256: adapter.sha256,
    rank: Math.max(0, ...adapter.modules.map((module) => module.rank)),
    modules: adapter.modules.map(({ block, projection }) => `blocks.${block}.${parentOf(projection)}.${projection}`),
  };
}

function parentOf(projection: string): string {
  return /^(q|k|v|o)_proj$/.test(projection) ? 'self_attn' : 'mlp';
}

function loraBranches(adapters: readonly LoraAdapter[]): Map<string, LoraBranch[]> {
  const branches = new Map<string, LoraBranch[]>();
  adapters.forEach((adapter, adapterIndex) => {
    for (const { block, projection, rank, a, b, scaling } of adapter.modules) {
      const name = `model.layers.${block}.${parentOf(projection)}.${projection}`;
      const list = branches.get(name) ?? [];
      list.push({ adapterIndex, rank, a, b: b.map((value) => value * scaling) });
      branches.set(name, list);
    }
  });
  return branches;
}
