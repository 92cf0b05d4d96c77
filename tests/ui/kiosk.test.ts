import { describe, expect, test } from 'vitest';
import { kioskConditions } from '../../src/ui/kiosk/kiosk-conditions';
import { kioskUnit } from '../../src/ui/kiosk/use-kiosk-unit';
import { fullState } from '../gallery/sample-state';

describe('the projector view', () => {
  const { document, session } = fullState();
  const shown = (besideId: string | null, change: Partial<typeof document> = {}) => {
    const { steering, live, beside } = kioskConditions({ ...document, ...change }, session, besideId);
    return [steering?.id, live?.id, beside?.id];
  };

  test('shows what the slider moves beside the first other condition, or the chosen one', () => {
    expect(shown(null)).toEqual(['steering', 'steered', 'base']);
    expect(shown('ablated')).toEqual(['steering', 'steered', 'ablated']);
    expect(shown('steered')).toEqual(['steering', 'steered', 'base']);
  });

  test('without an edit that steers it shows the last condition, and nothing where there is none', () => {
    expect(shown(null, { interventions: [] })).toEqual([undefined, 'steered', 'base']);
    expect(shown(null, { conditions: [] })).toEqual(['steering', undefined, undefined]);
  });

  test('grows with the window and keeps its small text readable', () => {
    expect(kioskUnit(1280, 720)).toBe(1);
    expect(kioskUnit(1920, 1080)).toBe(1.5);
    expect(kioskUnit(1920, 720)).toBe(1);
    expect(17 * kioskUnit(700, 400)).toBeGreaterThanOrEqual(11);
  });
});
