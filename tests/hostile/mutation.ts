import fc from 'fast-check';
import { expect } from 'vitest';
import { VaneError } from '../../src/core/errors';

/** Mutations over a test file; more by `VANE_FUZZ_RUNS=100000`. */
export const FUZZ_RUNS = Number(process.env.VANE_FUZZ_RUNS ?? 10_000);

/** Fuzz tests take seconds on a free machine and far longer on a shared one. */
export const FUZZ_TIMEOUT_MS = 600_000;

/** One splice: `remove` bytes at `at` (modulo the length) make room for `insert`. */
export interface Splice {
  at: number;
  remove: number;
  insert: number[];
}

/** One to four splices of up to twelve bytes each. */
export const splices = fc.array(fc.record({ at: fc.nat(), remove: fc.nat(12), insert: fc.array(fc.nat(255), { maxLength: 12 }) }), {
  minLength: 1,
  maxLength: 4,
});

/** A copy with the splices applied in order. */
export function mutate(bytes: Uint8Array, changes: readonly Splice[]): Uint8Array<ArrayBuffer> {
  const list = [...bytes];
  for (const { at, remove, insert } of changes) list.splice(at % (list.length + 1), remove, ...insert);
  return Uint8Array.from(list);
}

/** Passes when the reader returns, or throws a VaneError of bounded length with a remedy; anything else is a hole. */
export async function survives(read: () => unknown): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof VaneError)) throw error;
    expect(error.message.length).toBeLessThan(1000);
    expect(error.remedy).not.toBe('');
  }
}
