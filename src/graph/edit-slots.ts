/** One active intervention at one hook point, resolved to numbers. */
export interface EditTerm {
  /** Unit vector `[dModel]`. */
  unit: Float64Array;
  operation: 'steer' | 'ablate' | 'clamp';
  /** steer: length added along the unit vector, or the fraction of the token's norm; clamp: the projection to set; ablate: unused. */
  amount: number;
  byTokenNorm: boolean;
}

/** `h' = h + (h P + b + c|h|) U` with `[rank]` slots: P is `-a U^T`, U orthonormal. */
export interface SlotGroup {
  rank: number;
  /** U, `[rank][dModel]`. */
  basis: Float64Array[];
  /** 1 where the slot's projection is taken out before the rest is added. */
  removed: number[];
  bias: number[];
  normScale: number[];
}

/** A direction whose part outside the earlier ones is shorter than this counts as dependent on them. */
const DEPENDENCE_TOLERANCE = 1e-5;

/**
 * Compiles simultaneous edits to orthonormal slots. Every term reads the same unedited h: the projections of all ablated and
 * clamped directions are set jointly (several ablations take out the subspace they span, once), then all steering is added.
 * @throws RangeError when one direction is clamped to two different values.
 */
export function compileSlots(terms: readonly EditTerm[]): SlotGroup {
  const group: SlotGroup = { rank: 0, basis: [], removed: [], bias: [], normScale: [] };
  for (const term of terms) if (term.operation !== 'steer') constrain(group, term);
  for (const term of terms) if (term.operation === 'steer') steer(group, term);
  return group;
}

/** Gram-Schmidt; solving `v . h' = target` for the new slot, given the targets of the earlier ones. */
function constrain(group: SlotGroup, term: EditTerm): void {
  const target = term.operation === 'clamp' ? term.amount : 0;
  const { coordinates, rest, length } = decompose(group.basis, term.unit);
  let explained = 0;
  coordinates.forEach((coordinate, slot) => {
    explained += coordinate * (group.bias[slot] as number);
  });
  if (length < DEPENDENCE_TOLERANCE) {
    if (Math.abs(explained - target) > DEPENDENCE_TOLERANCE * Math.max(1, Math.abs(target))) {
      throw new RangeError(`projection on one direction: expected one value, got ${explained.toPrecision(4)} and ${target.toPrecision(4)}`);
    }
    return;
  }
  addSlot(group, rest, length, 1, (target - explained) / length, 0);
}

function steer(group: SlotGroup, term: EditTerm): void {
  const { coordinates, rest, length } = decompose(group.basis, term.unit);
  const kept = length < DEPENDENCE_TOLERANCE ? 0 : length;
  const amounts = term.byTokenNorm ? group.normScale : group.bias;
  coordinates.forEach((coordinate, slot) => {
    amounts[slot] = (amounts[slot] as number) + coordinate * term.amount;
  });
  if (kept > 0) addSlot(group, rest, length, 0, term.byTokenNorm ? 0 : kept * term.amount, term.byTokenNorm ? kept * term.amount : 0);
}

function decompose(basis: readonly Float64Array[], vector: Float64Array): { coordinates: number[]; rest: Float64Array; length: number } {
  const rest = Float64Array.from(vector);
  const coordinates = basis.map(() => 0);
  // Twice is enough: the second pass removes what rounding left of the first.
  for (let pass = 0; pass < 2; pass++) {
    basis.forEach((axis, slot) => {
      const part = dot(rest, axis);
      coordinates[slot] = (coordinates[slot] as number) + part;
      for (let i = 0; i < rest.length; i++) rest[i] = (rest[i] as number) - part * (axis[i] as number);
    });
  }
  return { coordinates, rest, length: Math.sqrt(dot(rest, rest)) };
}

function addSlot(group: SlotGroup, rest: Float64Array, length: number, removed: number, bias: number, normScale: number): void {
  group.basis.push(rest.map((value) => value / length));
  group.removed.push(removed);
  group.bias.push(bias);
  group.normScale.push(normScale);
  group.rank++;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Applies a compiled edit to one token in f64: mutates `h` `[dModel]`. */
export function applySlots(group: SlotGroup, h: Float64Array | Float32Array): void {
  if (group.rank === 0) return;
  let squares = 0;
  for (let i = 0; i < h.length; i++) squares += (h[i] as number) ** 2;
  const length = Math.sqrt(squares);
  const coefficients = group.basis.map((axis, slot) => {
    let projection = 0;
    if (group.removed[slot]) for (let i = 0; i < h.length; i++) projection += (h[i] as number) * (axis[i] as number);
    return (group.bias[slot] as number) + (group.normScale[slot] as number) * length - projection;
  });
  for (let i = 0; i < h.length; i++) {
    let sum = h[i] as number;
    coefficients.forEach((coefficient, slot) => {
      sum += coefficient * ((group.basis[slot] as Float64Array)[i] as number);
    });
    h[i] = sum;
  }
}
