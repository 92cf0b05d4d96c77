import { describe, expect, test } from 'vitest';
import { createRng, gaussian } from '../../src/core/rng';
import { applySlots, compileSlots, type EditTerm } from '../../src/graph/edit-slots';

const SIZE = 12;

function vector(seed: number): Float64Array {
  const rng = createRng(seed);
  return Float64Array.from({ length: SIZE }, () => gaussian(rng));
}

function unit(values: Float64Array): Float64Array {
  const length = Math.sqrt(dot(values, values));
  return values.map((value) => value / length);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}

function term(seed: number, operation: EditTerm['operation'], amount = 0, byTokenNorm = false): EditTerm {
  return { unit: unit(vector(seed)), operation, amount, byTokenNorm };
}

function edit(terms: EditTerm[], h: Float64Array): Float64Array {
  const edited = Float64Array.from(h);
  applySlots(compileSlots(terms), edited);
  return edited;
}

const h = vector(99);

describe('one term', () => {
  test('steering adds its length along the unit vector', () => {
    const steered = edit([term(1, 'steer', 2.5)], h);
    const expected = h.map((value, i) => value + 2.5 * (term(1, 'steer').unit[i] as number));
    expect(steered).toEqual(expect.objectContaining(Object.fromEntries([...expected].map((value, i) => [i, expect.closeTo(value, 10)]))));
  });

  test('steering by the token norm scales with the token', () => {
    const change = dot(edit([term(1, 'steer', 0.5, true)], h), term(1, 'steer').unit) - dot(h, term(1, 'steer').unit);
    expect(change).toBeCloseTo(0.5 * Math.sqrt(dot(h, h)), 10);
  });

  test('an ablation is a projection: applying it twice changes nothing more', () => {
    const once = edit([term(1, 'ablate')], h);
    expect(dot(once, term(1, 'ablate').unit)).toBeCloseTo(0, 12);
    edit([term(1, 'ablate')], once).forEach((value, i) => {
      expect(value).toBeCloseTo(once[i] as number, 12);
    });
  });
});

describe('several terms at once', () => {
  test('ablations and clamps of overlapping directions hold jointly', () => {
    const terms = [term(1, 'ablate'), term(2, 'clamp', 3), term(3, 'clamp', -1)];
    const edited = edit(terms, h);
    for (const { unit: axis, operation, amount } of terms) expect(dot(edited, axis)).toBeCloseTo(operation === 'clamp' ? amount : 0, 9);
  });

  test('what is orthogonal to all constrained directions stays', () => {
    const terms = [term(1, 'ablate'), term(2, 'clamp', 3)];
    const group = compileSlots(terms);
    const edited = edit(terms, h);
    const rest = vector(5);
    for (const axis of group.basis) {
      const part = dot(rest, axis);
      for (let i = 0; i < SIZE; i++) rest[i] = (rest[i] as number) - part * (axis[i] as number);
    }
    expect(dot(edited, rest)).toBeCloseTo(dot(h, rest), 9);
  });

  test('steering along an ablated direction sets the projection', () => {
    expect(dot(edit([term(1, 'ablate'), term(1, 'steer', 2)], h), term(1, 'steer').unit)).toBeCloseTo(2, 10);
  });

  test('the same ablation named twice counts once', () => {
    expect(compileSlots([term(1, 'ablate'), term(1, 'ablate')]).rank).toBe(1);
  });

  test('one direction with two clamps is refused', () => {
    expect(() => compileSlots([term(1, 'clamp', 1), term(1, 'clamp', 2)])).toThrow(/expected one value/);
  });
});
