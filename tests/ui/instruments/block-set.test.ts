import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandBlocks } from '../../../src/core/hook-point';
import { formatBlocks, moveRange } from '../../../src/ui/instruments/block-set';

describe('block sets', () => {
  it('writes runs as ranges, and what it writes reads back', () => {
    expect(formatBlocks([11, 4, 5, 6, 7, 8, 5])).toBe('4-8, 11');
    expect(formatBlocks([3])).toBe('3');
    const blocks = fc.uniqueArray(fc.nat(40), { minLength: 1 });
    fc.assert(
      fc.property(blocks, (set) => {
        expect(expandBlocks(formatBlocks(set), 41)).toEqual([...set].sort((a, b) => a - b));
      }),
    );
  });

  it('keeps gaps inside the bracket, joins what is newly covered and drops what was left', () => {
    expect(moveRange([4, 5, 8], 4, 10)).toEqual([4, 5, 8, 9, 10]);
    expect(moveRange([4, 5, 8], 2, 8)).toEqual([2, 3, 4, 5, 8]);
    expect(moveRange([4, 5, 8], 4, 6)).toEqual([4, 5, 6]);
    expect(moveRange([4, 5, 8], 9, 9)).toEqual([9]);
  });
});
