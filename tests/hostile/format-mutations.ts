import fc from 'fast-check';
import { VaneError } from '../../src/core/errors';

/** Mutations for each parser; more by environment for a longer hunt. */
export const FUZZ_RUNS = Number(process.env.VANE_FUZZ_RUNS ?? 10_000);

interface ByteEdit {
  kind: 'flip' | 'set' | 'insert' | 'remove' | 'cut' | 'repeat' | 'number';
  /** Where, as a share of the length. */
  at: number;
  value: number;
}

/** Numbers that break arithmetic which does not expect them, as little-endian u64. */
const ODD_NUMBERS = [0n, 1n, 255n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 60n, 2n ** 63n, 2n ** 64n - 1n];

const byteEdit: fc.Arbitrary<ByteEdit> = fc.record({
  kind: fc.constantFrom('flip', 'set', 'insert', 'remove', 'cut', 'repeat', 'number'),
  at: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
  value: fc.integer({ min: 0, max: 255 }),
});

/** One to four edits of a file's bytes. */
export const byteEdits: fc.Arbitrary<ByteEdit[]> = fc.array(byteEdit, { minLength: 1, maxLength: 4 });

/** The file after the edits. */
export function edited(bytes: Uint8Array, edits: readonly ByteEdit[]): Uint8Array {
  let out = Uint8Array.from(bytes);
  for (const { kind, at, value } of edits) {
    const position = Math.floor(at * out.length);
    if (kind === 'flip') out[position] = (out[position] ?? 0) ^ (1 << (value & 7));
    else if (kind === 'set') out[position] = value;
    else if (kind === 'insert') out = concatenated(out.subarray(0, position), Uint8Array.of(value), out.subarray(position));
    else if (kind === 'remove') out = concatenated(out.subarray(0, position), out.subarray(position + 1 + (value & 15)));
    else if (kind === 'cut') out = out.slice(0, position);
    else if (kind === 'repeat') out = concatenated(out.subarray(0, position), out.subarray(position >> 1));
    else if (position + 8 <= out.length)
      new DataView(out.buffer).setBigUint64(position, ODD_NUMBERS[value % ODD_NUMBERS.length] as bigint, true);
  }
  return out;
}

function concatenated(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Values that no config means. */
const ODD_VALUES: unknown[] = [
  null,
  -1,
  0,
  0.5,
  1e308,
  -1e308,
  2 ** 53,
  2 ** 64,
  '',
  'many',
  '12',
  true,
  false,
  [],
  {},
  [[]],
  [null],
  { a: { a: { a: {} } } },
  '\u0000',
  '__proto__',
  '(a+)+$',
  '((((',
];

interface ValueEdit {
  /** Which of the places in the tree. */
  place: number;
  kind: 'replace' | 'remove' | 'rename' | 'duplicate';
  value: unknown;
}

/** One to three edits of a JSON value. */
export const valueEdits: fc.Arbitrary<ValueEdit[]> = fc.array(
  fc.record({
    place: fc.nat({ max: 1_000_000 }),
    kind: fc.constantFrom('replace', 'remove', 'rename', 'duplicate'),
    value: fc.oneof(fc.constantFrom(...ODD_VALUES), fc.integer(), fc.string({ maxLength: 12 })),
  }),
  { minLength: 1, maxLength: 3 },
);

/** The JSON value after the edits; `original` is not changed. */
export function editedValue(original: unknown, edits: readonly ValueEdit[]): unknown {
  const root = { value: structuredClone(original) };
  for (const { place, kind, value } of edits) {
    const places: Array<[Record<string, unknown>, string]> = [];
    collect(root, places);
    const [parent, key] = places[place % places.length] as [Record<string, unknown>, string];
    if (kind === 'replace') parent[key] = structuredClone(value);
    else if (Array.isArray(parent)) {
      if (kind === 'remove') parent.splice(Number(key), 1);
      else parent.push(structuredClone(parent[Number(key)]));
    } else if (parent !== root && kind !== 'duplicate') {
      const held = parent[key];
      delete parent[key];
      if (kind === 'rename') parent[String(value)] = held;
    }
  }
  return root.value;
}

function collect(node: unknown, places: Array<[Record<string, unknown>, string]>): void {
  if (typeof node !== 'object' || node === null || ArrayBuffer.isView(node)) return;
  for (const key of Object.keys(node)) {
    places.push([node as Record<string, unknown>, key]);
    collect((node as Record<string, unknown>)[key], places);
  }
}

/** Runs a parser; anything thrown but a VaneError with a remedy is rethrown with what led to it. */
export async function onlyVaneErrors(parse: () => unknown): Promise<void> {
  try {
    await parse();
  } catch (error) {
    if (error instanceof VaneError && error.remedy !== '' && error.message.length < 2_000) return;
    throw new Error(
      `expected a VaneError with a remedy, got ${error instanceof Error ? `${error.name}: ${error.message}\n${error.stack}` : error}`,
    );
  }
}
