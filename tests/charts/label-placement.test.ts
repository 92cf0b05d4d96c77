import { describe, expect, it } from 'vitest';
import { markBox, placeLabels } from '../../src/charts/label-placement';

const bounds = { left: 0, right: 200, top: 0, bottom: 200 };

describe('labels beside marks', () => {
  it('stands left of the mark where there is room, else right, above or below', () => {
    expect(placeLabels([{ text: 'ab', x: 100, y: 100 }], [], bounds)[0]?.anchor).toBe('end');
    expect(placeLabels([{ text: 'ab', x: 2, y: 100 }], [], bounds)[0]?.anchor).toBe('start');
    const [above] = placeLabels([{ text: 'ab', x: 100, y: 100 }], [markBox(88, 100), markBox(112, 100)], bounds);
    expect(above).toMatchObject({ anchor: 'middle' });
    expect(above?.y).toBeLessThan(100);
  });

  it('leaves out a label that would lie on another', () => {
    const marks = Array.from({ length: 12 }, () => ({ text: 'label', x: 100, y: 100 }));
    expect(placeLabels(marks, [], bounds)).toHaveLength(4);
  });
});
