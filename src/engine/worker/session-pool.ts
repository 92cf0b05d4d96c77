import type { InferenceSession } from 'onnxruntime-web';
import { cacheNames } from '../../graph/attention';
import type { GraphPlan, LoraBranch, TapGroup } from '../../graph/decoder-author';
import { authorDecoder } from '../../models/decoder-graph';
import type { ModelConfig } from '../../models/model-config';
import { asBackendError } from './backend-failure';
import { HandOver } from './handed-over-bytes';
import { yieldToMessages } from './mutex';
import { type OrtRuntime, releaseSession } from './ort-runtime';
import type { WeightImage } from './weight-image';

/** What one run asks of its graph. */
export interface GraphNeeds {
  editStages: string[];
  tokenNorm: boolean;
  /** Canonical hook points that are read. */
  tapSites: string[];
  adapters: boolean;
}

/** A session and the graph it runs. */
export interface PooledSession {
  session: InferenceSession;
  plan: GraphPlan;
  inputNames: ReadonlySet<string>;
  /** Runs that hold this session; it is not freed before they end. */
  users: number;
}

export interface PoolOptions {
  runtime: OrtRuntime;
  config: ModelConfig;
  attention: GraphPlan['attention'];
  maxPositions: number;
  lora: Map<string, LoraBranch[]>;
  adapterCount: number;
  /** The converted weights; large models stream them again when another session is needed. */
  image(signal?: AbortSignal): Promise<WeightImage>;
  weightBytes: number;
}

/**
 * Models up to this size keep their converted weights and one session per set of edits and reads; larger ones share one session that
 * can do everything.
 */
export const VARIANT_LIMIT_BYTES = 64 * 1024 * 1024;
/** All variants of one model together. */
const VARIANT_CACHE_BYTES = 192 * 1024 * 1024;

/**
 * Sessions of one model. A small model gets exactly the kernels that a run needs, cached by need; a large model gets one
 * session with every residual edit and read, so that its weights are held once.
 */
export class SessionPool {
  private readonly sessions = new Map<string, PooledSession>();
  private creating: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: PoolOptions) {}

  get isShared(): boolean {
    return this.options.weightBytes > VARIANT_LIMIT_BYTES;
  }

  /** Runs a task with the session for these needs, made if it is not there and kept while the task runs. */
  async use<T>(needs: GraphNeeds, task: (pooled: PooledSession) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const finding = this.creating.then(async () => {
      const found = await this.find(needs, signal);
      found.users++;
      return found;
    });
    this.creating = finding.catch(() => undefined);
    const pooled = await finding;
    try {
      return await task(pooled);
    } finally {
      pooled.users--;
    }
  }

  /** Frees every session; later calls make new ones. */
  async clear(): Promise<void> {
    const held = [...this.sessions.values()];
    this.sessions.clear();
    for (const { session } of held) await releaseSession(this.options.runtime, session);
  }

  private async find(needs: GraphNeeds, signal?: AbortSignal): Promise<PooledSession> {
    const plan = this.isShared ? this.sharedPlan(needs) : this.exactPlan(needs);
    const key = JSON.stringify([plan.editStages, plan.tokenNorm, plan.taps, plan.adapterCount]);
    const known = this.sessions.get(key);
    if (known) {
      this.sessions.delete(key);
      this.sessions.set(key, known);
      return known;
    }
    const capacity = this.isShared ? 1 : Math.max(2, Math.floor(VARIANT_CACHE_BYTES / Math.max(1, this.options.weightBytes)));
    while (this.sessions.size >= capacity) {
      const idle = [...this.sessions].find(([, { users }]) => users === 0);
      if (idle) {
        this.sessions.delete(idle[0]);
        await releaseSession(this.options.runtime, idle[1].session);
      } else await yieldToMessages();
    }
    const made = await this.create(plan, signal);
    this.sessions.set(key, made);
    return made;
  }

  private exactPlan({ editStages, tokenNorm, tapSites, adapters }: GraphNeeds): GraphPlan {
    const taps = tapSites.length > 0 ? [{ name: 'sites', sites: [...tapSites].sort() }] : [];
    return this.plan([...editStages].sort(), tokenNorm, taps, adapters);
  }

  /** Every post and mid; a stage beyond those (an edit at both names of one tensor) is added when it first comes up. */
  private sharedPlan({ editStages }: GraphNeeds): GraphPlan {
    const { nLayers } = this.options.config;
    const blocks = Array.from({ length: nLayers }, (_, block) => block);
    const mid = blocks.map((block) => `blocks.${block}.hook_resid_mid`);
    const post = blocks.map((block) => `blocks.${block}.hook_resid_post`);
    const all = new Set([...mid, ...post]);
    const known = [...this.sessions.values()].flatMap(({ plan }) => plan.editStages);
    const extra = [...new Set([...known, ...editStages])].filter((stage) => !all.has(stage)).sort();
    const taps = [
      { name: 'mid', sites: mid },
      { name: 'post', sites: post },
      { name: 'final', sites: ['ln_final.hook_normalized'] },
    ];
    return this.plan([...all, ...extra], true, taps, true);
  }

  private plan(editStages: string[], tokenNorm: boolean, taps: TapGroup[], adapters: boolean): GraphPlan {
    const { attention, maxPositions, lora, adapterCount } = this.options;
    const withAdapters = adapters && adapterCount > 0;
    return {
      attention,
      maxPositions,
      editStages,
      tokenNorm,
      taps,
      lora: withAdapters ? lora : new Map(),
      adapterCount: withAdapters ? adapterCount : 0,
    };
  }

  private async create(plan: GraphPlan, signal?: AbortSignal): Promise<PooledSession> {
    const { runtime, config } = this.options;
    const image = await this.options.image(signal);
    const graph = authorDecoder(config, image, plan);
    const used = new Set(graph.inputNames);
    const session = await runtime.mutex
      .run(() => this.createSession(graph.model, image))
      .catch((error: unknown) => {
        throw asBackendError(error, 'making the session');
      });
    return { session, plan, inputNames: used, users: 0 };
  }

  private createSession(model: Uint8Array, image: WeightImage): Promise<InferenceSession> {
    const { runtime, config } = this.options;
    // What a shared session was made of is read anew when another is needed, so nothing is kept of it.
    const handOver = this.isShared ? new HandOver() : undefined;
    const options: InferenceSession.SessionOptions = {
      executionProviders: [runtime.device ? { name: 'webgpu', device: runtime.device } : 'wasm'],
      externalData: image.files(handOver),
      graphOptimizationLevel: 'all',
      enableMemPattern: false,
    };
    if (runtime.backend === 'webgpu') {
      const locations: Record<string, 'gpu-buffer'> = {};
      for (let block = 0; block < config.nLayers; block++) {
        const { presentKey, presentValue } = cacheNames(block);
        locations[presentKey] = 'gpu-buffer';
        locations[presentValue] = 'gpu-buffer';
      }
      options.preferredOutputLocation = locations;
    }
    return runtime.ort.InferenceSession.create(model, options).finally(() => handOver?.release());
  }
}
