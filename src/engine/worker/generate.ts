import { ArgumentError } from '../../core/errors';
import { LIMITS } from '../../core/limits';
import { createRng } from '../../core/rng';
import type { GeneratedAnswer, GenerateRequest, TokenEvent } from '../api';
import type { EditPlan } from './edit-plan';
import type { KeyValueCache } from './key-value-cache';
import type { LoadedModel } from './loaded-model';
import { yieldToMessages } from './mutex';
import { decodeGroups, prefill, type RunSetting } from './prefill';
import { groupProbes } from './reads';
import { Sampler } from './sampler';

/** One answer while it is written. */
interface Stream {
  answer: GeneratedAnswer;
  promptLength: number;
  limit: number;
  uniform: () => number;
  projections: number[];
  next: number;
}

/** Emits token events; resolves when the receiver keeps up. */
export type EmitTokens = (event: TokenEvent) => Promise<void> | void;

/**
 * Writes `n` answers for each prompt: prompts are read once each, then all answers decode together and finished ones leave the batch.
 * When the signal fires during decoding the answers so far are returned with stop reason `abort`.
 */
export async function generate(
  model: LoadedModel,
  request: GenerateRequest,
  emit: EmitTokens,
  signal?: AbortSignal,
): Promise<GeneratedAnswer[]> {
  model.checkRows(request.prompts);
  const run = new GenerationRun(model, request, emit, await model.editPlan(request, signal), signal);
  return run.run();
}

class GenerationRun {
  private readonly setting: RunSetting;
  private readonly sampler: Sampler;
  private readonly probes: ReturnType<typeof groupProbes> | null;
  private readonly probeCount: number;
  private readonly stops: ReadonlySet<number>;
  private readonly samples: number;
  private readonly maxNewTokens: number;

  constructor(
    private readonly model: LoadedModel,
    private readonly request: GenerateRequest,
    private readonly emit: EmitTokens,
    edits: EditPlan | null,
    private readonly signal?: AbortSignal,
  ) {
    const { n = 1, maxNewTokens = 128, temperature = 1, topP = 1, topK = 0, probes = [] } = request;
    integer('n', n, 1, LIMITS.answersPerQuestion);
    integer('maxNewTokens', maxNewTokens, 0, LIMITS.maxNewTokens);
    integer('topK', topK, 0, LIMITS.vocabSize);
    if (!(temperature >= 0) || !Number.isFinite(temperature))
      throw new ArgumentError(`temperature: expected 0 or more, got ${temperature}.`, 'Use 0 for greedy decoding.');
    if (!(topP > 0 && topP <= 1)) throw new ArgumentError(`topP: expected above 0 up to 1, got ${topP}.`, 'Use 1 to keep every token.');
    this.samples = n;
    this.maxNewTokens = maxNewTokens;
    this.setting = { edits, adapterScales: model.adapterScales(request), signal };
    this.sampler = new Sampler(model.config.vocabSize, { temperature, topP, topK });
    this.probes = probes.length > 0 ? groupProbes(probes, model) : null;
    this.probeCount = probes.length;
    this.stops = new Set(model.info.stopTokenIds);
  }

  async run(): Promise<GeneratedAnswer[]> {
    const streams = this.request.prompts.map((prompt, index) =>
      Array.from({ length: this.samples }, (_, sample) => this.open(prompt, index, sample)),
    );
    const lengths = this.request.prompts.map((prompt) => prompt.length + this.maxNewTokens);
    for (const members of decodeGroups(this.model, lengths, this.samples)) {
      if (this.signal?.aborted) break;
      await this.decodeGroup(members, streams);
    }
    return streams.flat().map((stream) => this.finish(stream));
  }

  private open(prompt: number[], index: number, sample: number): Stream {
    const stream = this.request.streamIndices?.[index] ?? index;
    return {
      answer: { prompt: index, sample, text: '', ids: [], stopReason: 'abort', projections: new Float32Array(0) },
      promptLength: prompt.length,
      limit: Math.min(this.maxNewTokens, this.model.info.contextLength - prompt.length),
      uniform: createRng(this.request.seed ?? 0, stream * LIMITS.answersPerQuestion + sample),
      projections: [],
      next: -1,
    };
  }

  private finish({ answer, projections }: Stream): GeneratedAnswer {
    return { ...answer, text: this.model.tokenizer.decode(answer.ids), projections: Float32Array.from(projections) };
  }

  private async decodeGroup(members: number[], all: Stream[][]): Promise<void> {
    let live: Stream[] = [];
    let cache: KeyValueCache | null = null;
    let logits: Float32Array | null = null;
    try {
      const start = await prefill(
        this.model,
        members.map((index) => this.request.prompts[index] as number[]),
        this.setting,
      );
      const rows = members.flatMap((_, index) => Array.from({ length: this.samples }, () => index));
      live = members.flatMap((prompt) => all[prompt] as Stream[]);
      cache = this.samples === 1 ? start.cache : await start.cache.select(rows);
      if (cache !== start.cache) start.cache.dispose();
      const { vocabSize } = this.model.config;
      logits = new Float32Array(rows.length * vocabSize);
      rows.forEach((row, index) => {
        logits?.set(start.logits.subarray(row * vocabSize, (row + 1) * vocabSize), index * vocabSize);
      });
      while (live.length > 0) {
        const kept = await this.sampleStep(live, logits);
        if (kept.length === 0) break;
        await yieldToMessages();
        if (this.signal?.aborted) break;
        if (kept.length < live.length) {
          const fewer: KeyValueCache = await cache.select(kept);
          cache.dispose();
          cache = fewer;
        }
        live = kept.map((row) => live[row] as Stream);
        const step = await this.feed(live, cache);
        cache.dispose();
        cache = step.cache;
        logits = step.logits;
      }
    } catch (error) {
      if (!this.signal?.aborted) throw error;
    } finally {
      cache?.dispose();
    }
  }

  /** Samples every live answer; returns the rows that go on. */
  private async sampleStep(live: readonly Stream[], logits: Float32Array): Promise<number[]> {
    const { vocabSize } = this.model.config;
    const kept: number[] = [];
    const written: Stream[] = [];
    live.forEach((stream, row) => {
      const { answer } = stream;
      if (stream.limit <= 0) {
        answer.stopReason = 'length';
        return;
      }
      const id = this.sampler.sample(logits.subarray(row * vocabSize, (row + 1) * vocabSize), stream.uniform());
      if (this.stops.has(id)) {
        answer.stopReason = 'stop';
        return;
      }
      answer.ids.push(id);
      stream.next = id;
      written.push(stream);
      if (answer.ids.length >= stream.limit) {
        answer.stopReason = 'length';
        for (let i = 0; i < this.probeCount; i++) stream.projections.push(Number.NaN);
      } else kept.push(row);
    });
    // With probes a token is reported once it was fed back; those that end here never are.
    const reported = this.probes ? written.filter(({ answer }) => answer.stopReason === 'length') : written;
    await this.report(reported, this.probes ? new Float32Array(reported.length * this.probeCount).fill(Number.NaN) : new Float32Array(0));
    return kept;
  }

  private async feed(live: readonly Stream[], cache: KeyValueCache): Promise<{ cache: KeyValueCache; logits: Float32Array }> {
    const rows = Int32Array.from(live, (_, row) => row);
    const result = await this.model.runner.run({
      ids: live.map(({ next }) => [next]),
      promptLengths: live.map(({ promptLength }) => promptLength),
      cache,
      keepCache: true,
      logitRows: rows,
      taps: this.probes ? { hookPoints: this.probes.sites, rows, values: false, probes: this.probes.directions } : undefined,
      ...this.setting,
    });
    if (this.probes) {
      const projections = this.probes.spread(result.projections, live.length);
      live.forEach((stream, row) => {
        stream.projections.push(...projections.subarray(row * this.probeCount, (row + 1) * this.probeCount));
      });
      await this.report(live, projections);
    }
    return { cache: result.cache as KeyValueCache, logits: result.logits as Float32Array };
  }

  private async report(streams: readonly Stream[], projections: Float32Array): Promise<void> {
    if (streams.length === 0) return;
    await this.emit({
      prompt: streams.map(({ answer }) => answer.prompt),
      sample: streams.map(({ answer }) => answer.sample),
      ids: streams.map(({ next }) => next),
      projections,
    });
  }
}

function integer(name: string, value: number, from: number, to: number): void {
  if (!Number.isInteger(value) || value < from || value > to)
    throw new ArgumentError(`${name}: expected a whole number from ${from} to ${to}, got ${value}.`, 'Choose a value in that range.');
}
