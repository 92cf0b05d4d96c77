import { describe, expect, it } from 'vitest';
import { alignmentColor, estimateText, known } from '../../src/charts/estimate';
import { plain, share, signed, signedShare, signedTick } from '../../src/charts/number-text';
import { fitText, textWidth } from '../../src/charts/text-fit';

describe('figures as text', () => {
  it('writes a true minus and no negative zero', () => {
    expect(plain(-1.25, 1)).toBe('−1.3');
    expect(plain(-0.001, 2)).toBe('0.00');
    expect(signed(0.354)).toBe('+0.35');
    expect(signed(-0.7)).toBe('−0.70');
    expect(signed(0)).toBe('0.00');
  });

  it('drops the leading zero of shares and cosines', () => {
    expect(signedShare(0.876)).toBe('+.88');
    expect(signedShare(-0.21)).toBe('−.21');
    expect(signedShare(1)).toBe('+1');
    expect(share(0.75)).toBe('.75');
    expect(share(1)).toBe('1');
  });

  it('keeps only the digits a tick needs', () => {
    expect([-0.5, 0, 1, 0.25, 0.1 + 0.2].map(signedTick)).toEqual(['−0.5', '0', '+1', '+0.25', '+0.3']);
  });

  it('gives an estimate with interval and count, and the count alone when there is no score', () => {
    expect(estimateText({ mean: 92.6, low: 88.2, high: 95.9, n: 32 })).toBe('93 [88, 96], n = 32');
    expect(estimateText({ mean: null, low: null, high: null, n: 3 })).toBe('no score, n = 3');
    expect(known({ mean: 4, low: null, high: null, n: 9 })).toEqual({ mean: 4, low: 4, high: 4, n: 9 });
  });

  it('colours alignment from 70 and to 30 only', () => {
    expect([70, 69.9, 30.1, 30].map(alignmentColor)).toEqual(['var(--fair)', 'var(--ink)', 'var(--ink)', 'var(--foul)']);
  });

  it('shortens text to a width, and to nothing when not a letter fits', () => {
    expect(fitText('medicine', 200)).toBe('medicine');
    const short = fitText('a long name of a direction', 60);
    expect(short.endsWith('…')).toBe(true);
    expect(textWidth(short)).toBeLessThanOrEqual(60);
    expect(fitText('wide', 4)).toBe('');
  });
});
