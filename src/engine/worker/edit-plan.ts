import { ArgumentError, MismatchError, UnsupportedError } from '../../core/errors';
import { expandHookPoints } from '../../core/hook-point';
import { type Intervention, interventionVector } from '../../core/intervention';
import { applySlots, compileSlots, type EditTerm, type SlotGroup } from '../../graph/edit-slots';

/** The tokens of one run, flattened `[batch * pos]`; a pad has position -1. */
export interface TokenBatch {
  ids: Int32Array;
  positions: Int32Array;
  /** Each token's row's prompt length. */
  promptLengths: Int32Array;
}

/** Runtime inputs of one edit stage. */
export interface StageInputs {
  slots: number;
  /** `[dModel, slots]`. */
  project: Float32Array;
  bias: Float32Array;
  normScale: Float32Array;
  /** `[tokens, slots]`. */
  mask: Float32Array;
  /** `[slots, dModel]`. */
  write: Float32Array;
}

interface StageTerm {
  term: EditTerm;
  selects(token: number, batch: TokenBatch): boolean;
}

export interface EditPlanOptions {
  nLayers: number;
  dModel: number;
  isSpecial(id: number): boolean;
  /** Mean residual norms of the hook points that are steered by them. */
  residualNorms: Record<string, number>;
}

/** Hook points whose mean residual norm the interventions need. */
export function neededNorms(interventions: readonly Intervention[], nLayers: number): string[] {
  const found = interventions.filter((item) => item.operation === 'steer' && item.unit === 'residNorm' && coefficientOf(item) !== 0);
  return [...new Set(found.flatMap((item) => expandHookPoints(item.hookPoints, nLayers)))];
}

function coefficientOf(intervention: Intervention): number {
  return intervention.coefficient ?? (intervention.operation === 'steer' ? 1 : 0);
}

/**
 * A list of interventions, resolved against one model: which hook points carry edits, and the runtime inputs of a batch.
 * `blocks.N.hook_resid_pre` and `blocks.(N-1).hook_resid_post` are one tensor: edits named after the earlier place apply
 * first, those named after the later one see their result.
 */
export class EditPlan {
  private readonly stages = new Map<string, StageTerm[]>();
  private readonly groups = new Map<string, SlotGroup>();
  private readonly matrices = new Map<string, Omit<StageInputs, 'mask'>>();
  readonly usesTokenNorm: boolean;

  /** @throws MismatchError for a direction of another width, ArgumentError for one that is zero or not finite. */
  constructor(
    interventions: readonly Intervention[],
    private readonly options: EditPlanOptions,
  ) {
    const named = new Map<string, StageTerm[]>();
    for (const intervention of interventions) {
      const coefficient = coefficientOf(intervention);
      if (intervention.operation === 'steer' && coefficient === 0) continue;
      for (const name of expandHookPoints(intervention.hookPoints, options.nLayers)) {
        if (name === 'ln_final.hook_normalized') {
          throw new UnsupportedError(
            'intervention: expected a residual hook point, got "ln_final.hook_normalized".',
            "Edit the last block's hook_resid_post instead.",
          );
        }
        const terms = named.get(name) ?? [];
        terms.push(this.resolve(intervention, coefficient, name));
        named.set(name, terms);
      }
    }
    for (const [name, terms] of named) this.stages.set(this.stageOf(name, named), terms);
    this.usesTokenNorm = [...this.stages.values()].some((terms) => terms.some(({ term }) => term.byTokenNorm));
  }

  get isEmpty(): boolean {
    return this.stages.size === 0;
  }

  /** Stages that the graph must carry, those before the first block left out. */
  get graphStages(): string[] {
    return [...this.stages.keys()].filter((name) => !EMBEDDING_STAGES.includes(name)).sort();
  }

  /** Edits the embeddings `[tokens, dModel]` in place. */
  editEmbeddings(embeddings: Float32Array, batch: TokenBatch): void {
    const { dModel } = this.options;
    for (const stage of EMBEDDING_STAGES) {
      const terms = this.stages.get(stage);
      if (!terms) continue;
      for (let token = 0; token < batch.ids.length; token++) {
        const pattern = patternOf(terms, token, batch);
        if (pattern !== 0) applySlots(this.group(stage, terms, pattern), embeddings.subarray(token * dModel, (token + 1) * dModel));
      }
    }
  }

  /** The stage's runtime inputs for a batch; a stage without edits gets one slot that does nothing. */
  inputs(stage: string, batch: TokenBatch): StageInputs {
    const terms = this.stages.get(stage) ?? [];
    const tokens = batch.ids.length;
    const patterns = new Int32Array(tokens);
    for (let token = 0; token < tokens; token++) patterns[token] = patternOf(terms, token, batch);
    const distinct = [...new Set(patterns)].filter((pattern) => pattern !== 0).sort((a, b) => a - b);
    const matrices = this.stageMatrices(stage, terms, distinct);
    const mask = new Float32Array(tokens * matrices.slots);
    let first = 0;
    for (const pattern of distinct) {
      const { rank } = this.group(stage, terms, pattern);
      for (let token = 0; token < tokens; token++) {
        if (patterns[token] === pattern) mask.fill(1, token * matrices.slots + first, token * matrices.slots + first + rank);
      }
      first += rank;
    }
    return { ...matrices, mask };
  }

  /** Tokens with different sets of active edits get slots of their own, so that each set is orthonormalised by itself. */
  private stageMatrices(stage: string, terms: StageTerm[], patterns: number[]): Omit<StageInputs, 'mask'> {
    const key = `${stage} ${patterns.join()}`;
    const known = this.matrices.get(key);
    if (known) return known;
    const { dModel } = this.options;
    const groups = patterns.map((pattern) => this.group(stage, terms, pattern));
    const slots = Math.max(
      1,
      groups.reduce((sum, group) => sum + group.rank, 0),
    );
    const made = {
      slots,
      project: new Float32Array(dModel * slots),
      bias: new Float32Array(slots),
      normScale: new Float32Array(slots),
      write: new Float32Array(slots * dModel),
    };
    let slot = 0;
    for (const group of groups) {
      group.basis.forEach((axis, index) => {
        made.write.set(axis, slot * dModel);
        if (group.removed[index]) for (let i = 0; i < dModel; i++) made.project[i * slots + slot] = -(axis[i] as number);
        made.bias[slot] = group.bias[index] as number;
        made.normScale[slot] = group.normScale[index] as number;
        slot++;
      });
    }
    this.matrices.set(key, made);
    return made;
  }

  private group(stage: string, terms: StageTerm[], pattern: number): SlotGroup {
    const key = `${stage} ${pattern}`;
    const known = this.groups.get(key);
    if (known) return known;
    const active = terms.filter((_, index) => pattern & (1 << index)).map(({ term }) => term);
    try {
      const made = compileSlots(active);
      this.groups.set(key, made);
      return made;
    } catch (error) {
      const reason = error instanceof RangeError ? error.message : String(error);
      throw new ArgumentError(`interventions at ${stage}: ${reason}.`, 'Clamp each direction once per hook point.');
    }
  }

  /** A later name of the same tensor needs a stage of its own only when the earlier name is edited too. */
  private stageOf(name: string, named: ReadonlyMap<string, unknown>): string {
    const match = /^blocks\.(\d+)\.hook_resid_pre$/.exec(name);
    const block = Number(match?.[1] ?? 0);
    const earlier = `blocks.${block - 1}.hook_resid_post`;
    return match && block > 0 && !named.has(earlier) ? earlier : name;
  }

  private resolve(intervention: Intervention, coefficient: number, hookPoint: string): StageTerm {
    const { dModel, isSpecial, residualNorms } = this.options;
    const vector = Float64Array.from(interventionVector(intervention));
    if (vector.length !== dModel) {
      throw new MismatchError(
        `intervention direction: expected ${dModel} numbers, got ${vector.length}.`,
        'Use a direction that was taken from this model.',
      );
    }
    const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    if (!(length > 0) || !Number.isFinite(length) || !Number.isFinite(coefficient)) {
      throw new ArgumentError(
        `intervention at ${hookPoint}: expected a finite direction and coefficient, got length ${length} and coefficient ${coefficient}.`,
        'Choose a direction that is not zero.',
      );
    }
    const unit = intervention.unit ?? 'direction';
    const reference = unit === 'direction' ? length : unit === 'residNorm' ? (residualNorms[hookPoint] ?? Number.NaN) : 1;
    const amount = intervention.operation === 'steer' ? coefficient * reference : coefficient;
    const term: EditTerm = {
      unit: vector.map((value) => value / length),
      operation: intervention.operation,
      amount,
      byTokenNorm: intervention.operation === 'steer' && unit === 'tokenNorm',
    };
    const chosen = selector(intervention);
    const selects = intervention.skipSpecialTokens
      ? (token: number, batch: TokenBatch) => chosen(token, batch) && !isSpecial(batch.ids[token] as number)
      : chosen;
    return { term, selects };
  }
}

const EMBEDDING_STAGES = ['hook_embed', 'blocks.0.hook_resid_pre'];

function patternOf(terms: readonly StageTerm[], token: number, batch: TokenBatch): number {
  if ((batch.positions[token] as number) < 0) return 0;
  let pattern = 0;
  for (let index = 0; index < terms.length; index++) if (terms[index]?.selects(token, batch)) pattern |= 1 << index;
  return pattern;
}

function selector({ tokens = 'all' }: Intervention): (token: number, batch: TokenBatch) => boolean {
  if (tokens === 'all') return () => true;
  if (tokens === 'prompt') return (token, batch) => (batch.positions[token] as number) < (batch.promptLengths[token] as number);
  if (tokens === 'response') return (token, batch) => (batch.positions[token] as number) >= (batch.promptLengths[token] as number);
  const positions = new Set(tokens);
  return (token, batch) => positions.has(batch.positions[token] as number);
}
