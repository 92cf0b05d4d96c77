import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { apart, type LabelBox, labelBox, type PlacedLabel } from '../../src/charts/label-placement';
import { SweepFrontier } from '../../src/charts/sweep-frontier';

const score = (mean: number) => ({ mean, low: mean - 2, high: Math.min(100, mean + 2), n: 32 });
const point = (coefficient: number, alignment: number, coherence: number) => ({
  coefficient,
  alignment: score(alignment),
  coherence: score(coherence),
});

/** Labels with a rim, which are those that stand among the marks. */
function rimmed(markup: string): PlacedLabel[] {
  return [...markup.matchAll(/<text x="([\d.-]+)" y="([\d.-]+)" text-anchor="(\w+)"[^>]*paint-order="stroke"[^>]*>([^<]*)</g)].map(
    ([, x, y, anchor, text]) => ({ x: Number(x), y: Number(y), anchor: anchor as PlacedLabel['anchor'], text: text ?? '' }),
  );
}

function overlaps(labels: readonly PlacedLabel[]): string[] {
  const boxes = labels.map((label): [string, LabelBox] => [label.text, labelBox(label)]);
  return boxes.flatMap(([text, box], at) =>
    boxes.slice(at + 1).flatMap(([other, otherBox]) => (apart(box, otherBox) ? [] : [`${text} on ${other}`])),
  );
}

describe('labels of the sweep', () => {
  const corner = [
    point(-0.4, 93, 92),
    point(-0.2, 96, 97),
    point(0, 97, 98),
    point(0.1, 96, 98),
    point(0.2, 92, 97),
    point(0.4, 84, 95),
    point(0.6, 70, 90),
  ];
  const steep = [point(-0.5, 99, 99), point(0, 100, 100), point(0.5, 97, 99), point(1, 90, 98), point(1.5, 84, 97)];
  const control = { label: 'random seed 1', points: [point(-0.5, 99, 99), point(0, 98, 99), point(0.5, 97, 98)] };
  const wide = { ...control, points: [point(-0.5, 60, 10), point(0, 98, 99)] };

  const low = [point(0, 30, 99), point(0.5, 2, 98), point(1, 1, 97)];

  it.each([
    ['in the corner', corner],
    ['at the bottom', low],
    ['on a steep way down', steep],
  ])('lie on no other, %s, at any width, value and control', (_, data) => {
    for (const width of [170, 240, 420]) {
      for (const value of [null, -0.4, 0, 0.05, 0.2, 0.45]) {
        for (const controlSweep of [null, control, wide, { ...control, points: low }]) {
          const chart = (
            <SweepFrontier
              data={data}
              width={width}
              height={width * 0.7}
              across="coherence"
              value={value}
              valueLabel="D"
              controlSweep={controlSweep}
            />
          );
          const labels = rimmed(renderToStaticMarkup(chart));
          expect(labels.length).toBeGreaterThan(0);
          expect(Math.max(...labels.map((label) => labelBox(label).bottom))).toBeLessThanOrEqual(width * 0.7);
          expect(overlaps(labels), `${width} px, at ${value}, ${controlSweep?.points.length ?? 0} control points`).toEqual([]);
        }
      }
    }
  });
});
