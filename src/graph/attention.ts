import type { DecoderAuthor } from './decoder-author';
import { MICROSOFT_DOMAIN, type Value } from './graph-builder';
import { type RotaryOptions, rotaryTables } from './rotary';

/** One block's attention, already projected. */
export interface AttentionOptions {
  block: number;
  nHeads: number;
  nKvHeads: number;
  headDim: number;
  /** Multiplies q.k before softmax. */
  scale: number;
  /** Tokens attended to, itself included; null for all earlier ones. */
  window: number | null;
  softcap: number | null;
  rotary: RotaryOptions;
  /** Names the rotary tables, which blocks of one kind share. */
  kind: 'full' | 'sliding';
}

/** Runtime inputs of every graph, by their names. */
export const RUN_INPUTS = {
  embeddings: 'embeddings',
  /** `[batch, pos, -1]`. */
  rowShape: 'rowShape',
  /** `[batch, pos, -1, headDim]`, decomposed attention only. */
  headShape: 'headShape',
  /** int32 `[batch]`: each row's valid length minus one, grouped attention only. */
  lastPositions: 'lastPositions',
  /** int32 scalar: the longest row, cache included. */
  totalLength: 'totalLength',
  /** int64 `[batch, pos]`, decomposed attention only. */
  positions: 'positions',
  logitRows: 'logitRows',
  adapterScales: 'adapterScales',
} as const;

/** Names of a block's key-value cache. */
export function cacheNames(block: number): { pastKey: string; pastValue: string; presentKey: string; presentValue: string } {
  return {
    pastKey: `past.${block}.key`,
    pastValue: `past.${block}.value`,
    presentKey: `present.${block}.key`,
    presentValue: `present.${block}.value`,
  };
}

/** Name of the additive mask `[batch, 1, group*pos, total]` of decomposed attention. */
export function maskName(kind: 'full' | 'sliding'): string {
  return `attentionMask.${kind}`;
}

/**
 * Causal attention with rotary embedding and key-value cache.
 * @param q `[tokens, nHeads*headDim]`, k and v `[tokens, nKvHeads*headDim]` in any shape of that size.
 * @returns `[tokens, nHeads*headDim]`.
 */
export function attention(author: DecoderAuthor, q: Value, k: Value, v: Value, options: AttentionOptions): Value {
  return author.plan.attention === 'grouped' ? groupedAttention(author, q, k, v, options) : decomposedAttention(author, q, k, v, options);
}

function groupedAttention({ builder, plan }: DecoderAuthor, q: Value, k: Value, v: Value, options: AttentionOptions): Value {
  const { block, nHeads, nKvHeads, headDim, kind } = options;
  const rowShape = builder.input(RUN_INPUTS.rowShape, 'int64', [3]);
  const [query, key, value] = [q, k, v].map((flat) => builder.node('Reshape', [flat, rowShape])) as [Value, Value, Value];
  const half = headDim / 2;
  const names = cacheNames(block);
  const cacheShape = (total: string) => ['batch', nKvHeads, total, headDim];
  const inputs = [
    query,
    key,
    value,
    builder.input(names.pastKey, 'float32', cacheShape('past')),
    builder.input(names.pastValue, 'float32', cacheShape('past')),
    builder.input(RUN_INPUTS.lastPositions, 'int32', ['batch']),
    builder.input(RUN_INPUTS.totalLength, 'int32', []),
    builder.floats(`rotary.${kind}.cos`, () => rotaryTables(options.rotary, plan.maxPositions).cos, [plan.maxPositions, half]),
    builder.floats(`rotary.${kind}.sin`, () => rotaryTables(options.rotary, plan.maxPositions).sin, [plan.maxPositions, half]),
  ];
  const [mixed = ''] = builder.nodes(
    'GroupQueryAttention',
    inputs,
    ['', names.presentKey, names.presentValue],
    {
      num_heads: nHeads,
      kv_num_heads: nKvHeads,
      do_rotary: 1,
      scale: { float: options.scale },
      local_window_size: options.window ?? -1,
      ...(options.softcap === null ? {} : { softcap: { float: options.softcap } }),
    },
    MICROSOFT_DOMAIN,
  );
  builder.output(names.presentKey, 'float32', cacheShape('total'));
  builder.output(names.presentValue, 'float32', cacheShape('total'));
  return builder.node('Reshape', [mixed, builder.integers([-1, nHeads * headDim])]);
}

/** The same from elementary ops, for what the fused kernel leaves out: softcap on WebGPU and head sizes that are no multiple of 16. */
function decomposedAttention(author: DecoderAuthor, q: Value, k: Value, v: Value, options: AttentionOptions): Value {
  const { builder } = author;
  const { block, nHeads, nKvHeads, headDim } = options;
  const group = nHeads / nKvHeads;
  const names = cacheNames(block);
  const cacheShape = (total: string) => ['batch', nKvHeads, total, headDim];
  const query = rotate(author, toHeads(author, q), options);
  const newKey = rotate(author, toHeads(author, k), options);
  const append = (past: string, fresh: Value, present: string): Value => {
    const value = builder.node('Concat', [builder.input(past, 'float32', cacheShape('past')), fresh], { axis: 2 }, { name: present });
    builder.output(present, 'float32', cacheShape('total'));
    return value;
  };
  const keys = append(names.pastKey, newKey, names.presentKey);
  const values = append(names.pastValue, toHeads(author, v), names.presentValue);
  const grouped = builder.node('Reshape', [query, builder.integers([0, nKvHeads, -1, headDim])]);
  const transposed = builder.node('Transpose', [keys], { perm: [0, 1, 3, 2] });
  const scaled = builder.node('Mul', [grouped, builder.scalar(options.scale)]);
  const capped = softcap(author, builder.node('MatMul', [scaled, transposed]), options.softcap);
  const mask = builder.input(maskName(options.kind), 'float32', ['batch', 1, 'queries', 'total']);
  const weights = builder.node('Softmax', [builder.node('Add', [capped, mask])], { axis: -1 });
  const mixed = builder.node('MatMul', [weights, values]);
  const heads = builder.node('Reshape', [mixed, builder.integers([0, group * nKvHeads, -1, headDim])]);
  const rows = builder.node('Transpose', [heads], { perm: [0, 2, 1, 3] });
  return builder.node('Reshape', [rows, builder.integers([-1, nHeads * headDim])]);
}

/** `cap * tanh(x / cap)`. */
export function softcap({ builder }: DecoderAuthor, x: Value, cap: number | null): Value {
  if (cap === null) return x;
  const squashed = builder.node('Tanh', [builder.node('Mul', [x, builder.scalar(1 / cap)])]);
  return builder.node('Mul', [squashed, builder.scalar(cap)]);
}

/** `[tokens, heads*headDim]` to `[batch, heads, pos, headDim]`. */
function toHeads({ builder }: DecoderAuthor, flat: Value): Value {
  const shape = builder.input(RUN_INPUTS.headShape, 'int64', [4]);
  return builder.node('Transpose', [builder.node('Reshape', [flat, shape])], { perm: [0, 2, 1, 3] });
}

/** `x cos + (x R) sin`, R being the signed permutation that swaps the halves: exact in floating point. */
function rotate(author: DecoderAuthor, x: Value, options: AttentionOptions): Value {
  const { builder } = author;
  const { headDim } = options;
  const half = headDim / 2;
  const makeSwap = (): Float32Array => {
    const swap = new Float32Array(headDim * headDim);
    for (let i = 0; i < half; i++) {
      swap[(i + half) * headDim + i] = -1;
      swap[i * headDim + i + half] = 1;
    }
    return swap;
  };
  const swapped = builder.node('MatMul', [x, builder.floats('rotary.swap', makeSwap, [headDim, headDim])]);
  const straight = builder.node('Mul', [x, rotaryAtPositions(author, options, 'cos')]);
  return builder.node('Add', [straight, builder.node('Mul', [swapped, rotaryAtPositions(author, options, 'sin')])]);
}

/** The table's rows at each token's position, both halves, `[batch, 1, pos, headDim]`. */
function rotaryAtPositions(author: DecoderAuthor, { headDim, kind, rotary }: AttentionOptions, table: 'cos' | 'sin'): Value {
  const { builder, plan } = author;
  const makeWide = (): Float32Array => {
    const narrow = rotaryTables(rotary, plan.maxPositions)[table];
    const half = headDim / 2;
    const wide = new Float32Array(plan.maxPositions * headDim);
    for (let row = 0; row < plan.maxPositions; row++) {
      const source = narrow.subarray(row * half, (row + 1) * half);
      wide.set(source, row * headDim);
      wide.set(source, row * headDim + half);
    }
    return wide;
  };
  return author.once(`rotary.${kind}.${table}`, () => {
    const constant = builder.floats(`rotary.${kind}.${table}`, makeWide, [plan.maxPositions, headDim]);
    const positions = builder.input(RUN_INPUTS.positions, 'int64', ['batch', 'pos']);
    return builder.node('Unsqueeze', [builder.node('Gather', [constant, positions], { axis: 0 }), builder.integers([1])]);
  });
}
