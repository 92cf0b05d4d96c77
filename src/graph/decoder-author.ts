import { type ExternalTensor, GraphBuilder, MICROSOFT_DOMAIN, type Value } from './graph-builder';

/** Part of a linear layer's rows, in f32 or in symmetric blocks of 32. An f32 matrix may have zero rows and columns at its end. */
export type WeightPiece =
  | { kind: 'f32'; rows: number; values: ExternalTensor }
  | { kind: 'blocks'; rows: number; bits: 4 | 8; quants: ExternalTensor; scales: ExternalTensor };

/** Where the graph finds its weights; names are Hugging Face names. */
export interface GraphWeights {
  /** A vector in f32. */
  vector(name: string): ExternalTensor;
  /** A matrix `[dOut, dIn]`, cut along dOut where one buffer would be too large. */
  matrix(name: string): WeightPiece[];
}

/** One adapter's low-rank update of one linear layer. */
export interface LoraBranch {
  adapterIndex: number;
  rank: number;
  /** `[rank, dIn]`. */
  a: Float32Array;
  /** `[dOut, rank]`, times the adapter's own scaling. */
  b: Float32Array;
}

/** Hook points that are read together: one row index input, one output. */
export interface TapGroup {
  name: string;
  /** Canonical hook-point names, in the order of the output's first axis. */
  sites: string[];
}

/** What one graph variant can do beside computing logits. */
export interface GraphPlan {
  attention: 'grouped' | 'decomposed';
  /** Rows of the rotary caches. */
  maxPositions: number;
  /** Hook points that carry edit kernels. */
  editStages: string[];
  /** Whether edits may steer by each token's own norm. */
  tokenNorm: boolean;
  taps: TapGroup[];
  /** Adapter branches by the linear layer's name, such as `model.layers.3.mlp.down_proj`. */
  lora: Map<string, LoraBranch[]>;
  adapterCount: number;
}

const ADAPTER_SCALES = 'adapterScales';

/** Shared state of one graph being authored: the builder, the weights, the plan, and the norms and linear layers every family uses. */
export class DecoderAuthor {
  readonly builder = new GraphBuilder();

  constructor(
    readonly weights: GraphWeights,
    readonly plan: GraphPlan,
    readonly normEpsilon: number,
  ) {}

  /** RMSNorm over the last axis: `x / sqrt(mean(x^2) + eps) * w`. */
  norm(x: Value, weightName: string): Value {
    return this.builder.node('SimplifiedLayerNormalization', [x, this.vector(weightName)], {
      axis: -1,
      epsilon: { float: this.normEpsilon },
    });
  }

  /** A vector weight as a value of this graph. */
  vector(name: string): Value {
    return this.builder.external(name, this.weights.vector(name));
  }

  /**
   * `y = x W^T + bias` plus every adapter's branch `(x A^T * scale) B^T`.
   * @param x `[rows, dIn]`. @param name the layer's name without `.weight`. @returns `[rows, dOut]`.
   */
  linear(x: Value, name: string, dIn: number, options: { bias?: boolean } = {}): Value {
    const pieces = this.weights.matrix(`${name}.weight`);
    if (options.bias && pieces.length > 1) throw new RangeError(`${name}: a layer with a bias is never cut.`);
    const bias = options.bias ? this.vector(`${name}.bias`) : '';
    const parts = pieces.map((piece, index) => this.product(x, `${name}.${index}`, piece, dIn, bias));
    const [first] = parts;
    const whole = parts.length === 1 && first !== undefined ? first : this.builder.node('Concat', parts, { axis: 1 });
    const rows = pieces.reduce((sum, piece) => sum + piece.rows, 0);
    const width = pieces[0]?.kind === 'f32' ? (pieces[0].values.shape[1] ?? dIn) : dIn;
    return this.withAdapters(whole, x, name, { rows, width });
  }

  private product(x: Value, name: string, piece: WeightPiece, dIn: number, bias: Value): Value {
    if (piece.kind === 'f32') {
      const weight = this.builder.external(`${name}.weight`, piece.values);
      return this.builder.node('Gemm', bias ? [x, weight, bias] : [x, weight], { transB: 1 });
    }
    const quants = this.builder.external(`${name}.quants`, piece.quants);
    const scales = this.builder.external(`${name}.scales`, piece.scales);
    const inputs = bias ? [x, quants, scales, '', '', bias] : [x, quants, scales];
    const attributes = { K: dIn, N: piece.rows, bits: piece.bits, block_size: 32, accuracy_level: 0 };
    return this.builder.node('MatMulNBits', inputs, attributes, { domain: MICROSOFT_DOMAIN });
  }

  /** Ranks of all adapters stand side by side, so that one product serves them all; a scale of 0 adds exact zeros. */
  private withAdapters(y: Value, x: Value, name: string, { rows, width }: { rows: number; width: number }): Value {
    const branches = this.plan.lora.get(name);
    if (!branches?.length) return y;
    const rank = branches.reduce((sum, branch) => sum + branch.rank, 0);
    // The matrix may carry zero rows and columns at its end; the branch carries none there.
    const a = new Float32Array(rank * width);
    const b = new Float32Array(rows * rank);
    const owners: number[] = [];
    for (const branch of branches) {
      const first = owners.length;
      const dIn = branch.a.length / branch.rank;
      for (let i = 0; i < branch.rank; i++) a.set(branch.a.subarray(i * dIn, (i + 1) * dIn), (first + i) * width);
      for (let row = 0; row < branch.b.length / branch.rank; row++)
        b.set(branch.b.subarray(row * branch.rank, (row + 1) * branch.rank), row * rank + first);
      for (let i = 0; i < branch.rank; i++) owners.push(branch.adapterIndex);
    }
    const scales = this.builder.input(ADAPTER_SCALES, 'float32', [this.plan.adapterCount]);
    const inner = this.builder.node('Gemm', [x, this.builder.floats(`${name}.lora_a`, () => a, [rank, width])], { transB: 1 });
    const scaled = this.builder.node('Mul', [inner, this.rankScales(scales, owners)]);
    return this.builder.node('Gemm', [scaled, this.builder.floats(`${name}.lora_b`, () => b, [rows, rank]), y], { transB: 1 });
  }

  private rankScales(scales: Value, owners: number[]): Value {
    return this.once(`rankScales.${owners.join()}`, () =>
      this.builder.node('Gather', [scales, this.builder.integers(owners)], { axis: 0 }),
    );
  }

  private readonly sharedValues = new Map<string, Value>();

  /** A value that several blocks share: made at its first use. */
  once(key: string, make: () => Value): Value {
    const value = this.sharedValues.get(key) ?? make();
    this.sharedValues.set(key, value);
    return value;
  }
}
