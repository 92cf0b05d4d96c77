import type { DecoderAuthor } from './decoder-author';
import { MICROSOFT_DOMAIN, type Value } from './graph-builder';

/** Names of an edit stage's runtime inputs. */
export function editInputNames(stage: string): { project: string; bias: string; normScale: string; mask: string; write: string } {
  return {
    project: `edit.${stage}.project`,
    bias: `edit.${stage}.bias`,
    normScale: `edit.${stage}.normScale`,
    mask: `edit.${stage}.mask`,
    write: `edit.${stage}.write`,
  };
}

/** Names of a tap group's runtime inputs and outputs. */
export function tapNames(group: string): { rows: string; probes: string; values: string; projections: string } {
  return {
    rows: `tap.${group}.rows`,
    probes: `tap.${group}.probes`,
    values: `tap.${group}.values`,
    projections: `tap.${group}.projections`,
  };
}

/**
 * The residual stream `[tokens, dModel]` while a graph is authored: adds each sub-layer's output, applies the edits of
 * that place, remembers what is read, and normalises for the next sub-layer.
 * Edit of a stage, everything but h a runtime input: `h' = h + (mask * (h P + b + c|h|)) U`.
 */
export class ResidualStream {
  private readonly seen = new Map<string, Value>();

  constructor(
    private readonly author: DecoderAuthor,
    private residual: Value,
    private readonly dModel: number,
  ) {}

  /** Normalises the stream as it stands, without a new contribution. */
  normalise(weightName: string): Value {
    return this.author.norm(this.residual, weightName);
  }

  /**
   * `residual += update`, then this place's edits in the order of `stages`, then RMSNorm with the next sub-layer's weight.
   * @returns the normalised stream; the edited residual stays inside.
   */
  advance(update: Value, stages: readonly string[], normWeightName: string): Value {
    const { builder, plan } = this.author;
    let base = this.residual;
    let addend = update;
    for (const stage of stages) {
      if (!plan.editStages.includes(stage)) continue;
      base = builder.node('Add', [base, addend]);
      addend = this.delta(base, stage);
    }
    const [normed = '', , , residual = ''] = builder.nodes(
      'SkipSimplifiedLayerNormalization',
      [base, addend, this.author.vector(normWeightName)],
      ['', null, null, ''],
      { epsilon: { float: this.author.normEpsilon } },
      MICROSOFT_DOMAIN,
    );
    this.residual = residual;
    for (const stage of stages) this.seen.set(stage, residual);
    return normed;
  }

  /** Makes any other `[tokens, dModel]` value readable under a hook point's name. */
  remember(site: string, value: Value): void {
    this.seen.set(site, value);
  }

  /** Emits the plan's reads: chosen rows of every site, side by side, and their products with the probes. */
  emitTaps(): void {
    const { builder, plan } = this.author;
    for (const group of plan.taps) {
      const names = tapNames(group.name);
      const rows = builder.input(names.rows, 'int64', [`${group.name}.rows`]);
      const parts = group.sites.map((site) => builder.node('Gather', [this.valueAt(site), rows], { axis: 0 }));
      const stacked = builder.node('Concat', parts, { axis: 0 });
      const count = group.sites.length;
      builder.node('Reshape', [stacked, builder.integers([count, -1, this.dModel])], {}, { name: names.values });
      builder.output(names.values, 'float32', [count, `${group.name}.rows`, this.dModel]);
      const probes = builder.input(names.probes, 'float32', [count, this.dModel, `${group.name}.probes`]);
      builder.node('MatMul', [names.values, probes], {}, { name: names.projections });
      builder.output(names.projections, 'float32', [count, `${group.name}.rows`, `${group.name}.probes`]);
    }
  }

  private valueAt(site: string): Value {
    const value = this.seen.get(site);
    if (value === undefined) throw new RangeError(`tap "${site}": expected a site of this graph.`);
    return value;
  }

  private delta(h: Value, stage: string): Value {
    const { builder, plan } = this.author;
    const names = editInputNames(stage);
    const slots = `${stage}.slots`;
    const bias = builder.input(names.bias, 'float32', [slots]);
    const project = builder.input(names.project, 'float32', [this.dModel, slots]);
    let coefficients = builder.node('Add', [builder.node('MatMul', [h, project]), bias]);
    if (plan.tokenNorm) {
      const length = builder.node('ReduceL2', [h, builder.integers([1])], { keepdims: 1 });
      const scaled = builder.node('Mul', [length, builder.input(names.normScale, 'float32', [slots])]);
      coefficients = builder.node('Add', [coefficients, scaled]);
    }
    const mask = builder.input(names.mask, 'float32', ['tokens', slots]);
    const write = builder.input(names.write, 'float32', [slots, this.dModel]);
    return builder.node('MatMul', [builder.node('Mul', [coefficients, mask]), write]);
  }
}
