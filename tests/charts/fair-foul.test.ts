import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FAIR_FOUL_VARIABLES, fairFoulBin, fairFoulColor, fairFoulLine } from '../../src/charts/fair-foul';

const css = readFileSync(new URL('../../src/charts/fair-foul.css', import.meta.url), 'utf8');

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function stops(block: string): string[] {
  return [...block.matchAll(/--ff-\d: (#[0-9a-f]{6});/g)].map((match) => match[1] as string);
}

const [dark = '', system = '', light = ''] = css.split(/@media[^{]+\{|:root\[data-theme="light"\]/);

describe('the projection scale', () => {
  it('has nine equal bins over -4 to +4, clamped beyond', () => {
    const edges = Array.from({ length: 10 }, (_, at) => -4 + (at * 8) / 9);
    for (let bin = 0; bin < 9; bin++) {
      const [from, to] = [edges[bin] as number, edges[bin + 1] as number];
      expect(fairFoulBin(from + 1e-6)).toBe(bin);
      expect(fairFoulBin(to - 1e-6)).toBe(bin);
    }
    expect([-100, Number.NEGATIVE_INFINITY, 4, 100].map(fairFoulBin)).toEqual([0, 0, 8, 8]);
  });

  it('leaves what was not read without tint', () => {
    expect(fairFoulColor(Number.NaN)).toBe('var(--ff-4)');
    expect(fairFoulLine(Number.NaN)).toBeNull();
  });

  it('puts a line above the aligned and below the misaligned outer bins', () => {
    expect([-3.9, -2.9, -1.9, 0, 1.9, 2.9, 3.9].map(fairFoulLine)).toEqual(['above', 'above', null, null, null, 'below', 'below']);
  });

  it('defines every variable, and the same light colours for a light system as for the light theme', () => {
    for (const variable of FAIR_FOUL_VARIABLES) expect(dark).toContain(`${variable}: `);
    expect(stops(dark)).toHaveLength(8);
    expect(stops(system)).toEqual(stops(light));
  });

  it('keeps ink readable on every stop', () => {
    expect(Math.min(...stops(dark).map((stop) => contrast(stop, '#eceff2')))).toBeGreaterThan(6.6);
    expect(Math.min(...stops(light).map((stop) => contrast(stop, '#15191e')))).toBeGreaterThan(9.1);
  });
});
