import type { ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it, vi } from 'vitest';
import { ActivationScatter, activationScatterTable } from '../../src/charts/activation-scatter';
import { createBlockRows, rowAt } from '../../src/charts/block-rows';
import { ChartTable } from '../../src/charts/chart-table';
import { CosineMatrix, cosineMatrixTable } from '../../src/charts/cosine-matrix';
import { FairFoulLegend } from '../../src/charts/fair-foul-legend';
import { LayerTokenMap, layerTokenMapTable } from '../../src/charts/layer-token-map';
import { LeanBar } from '../../src/charts/lean-bar';
import { ScoreAxis, ScoreBlock } from '../../src/charts/score-strip';
import { LEGEND_ROOM, SeparationProfile, separationProfileTable } from '../../src/charts/separation-profile';
import { SteeringTrack, sweepTable } from '../../src/charts/steering-track';
import { SweepFrontier } from '../../src/charts/sweep-frontier';
import { TokenProfile } from '../../src/charts/token-profile';
import * as samples from '../gallery/samples';

/** As the charts take it. */
const ruleCurve = samples.ruleSweep.map((point) => ({ ...point, alignment: point.custom }));
const size = { width: 300, height: 180 };
const charts: Array<[string, ReactElement]> = [
  ['layer-token-map', <LayerTokenMap key="1" data={samples.map} {...size} />],
  ['separation-profile', <SeparationProfile key="2" data={samples.profile} {...size} />],
  ['activation-scatter', <ActivationScatter key="3" data={samples.scatter} {...size} />],
  ['cosine-matrix', <CosineMatrix key="4" data={samples.cosines} {...size} />],
  ['sweep-frontier', <SweepFrontier key="5" data={samples.sweep} across="coherence" value={0.35} {...size} />],
  ['sweep by coefficient', <SweepFrontier key="6" data={samples.sweep} across="coefficient" value={0.35} {...size} />],
  ['steering-track', <SteeringTrack key="7" data={samples.sweep} min={-0.5} max={1} value={0.35} {...size} />],
  ['sweep of a judge’s own score', <SweepFrontier key="12" data={ruleCurve} score="score" across="coefficient" {...size} />],
  ['track of a judge’s own score', <SteeringTrack key="13" data={ruleCurve} score="score" min={-0.5} max={1} value={0.35} {...size} />],
  ['score-strip', <ScoreBlock key="8" data={samples.scoreMarks} controls={samples.scoreControls} />],
  ['score axis', <ScoreAxis key="9" />],
  ['lean-bar', <LeanBar key="10" data={samples.lean} />],
  [
    'token-profile',
    <TokenProfile
      key="12"
      data={{ token: ' Skip', hookPoints: samples.map.hookPoints, values: samples.map.values.map((row) => row[5] ?? Number.NaN) }}
    />,
  ],
  ['fair-foul legend', <FairFoulLegend key="11" />],
];

describe.each(charts)('%s', (_, chart) => {
  const markup = renderToStaticMarkup(chart);

  it('is an image with a title and a description', () => {
    expect(markup).toMatch(/<svg[^>]* role="img"/);
    expect(markup).toMatch(/<title[^>]*>[^<]+<\/title>/);
    expect(markup).toMatch(/<desc[^>]*>[^<]+<\/desc>/);
    const id = /aria-labelledby="([^"]+)"/.exec(markup)?.[1];
    expect(markup).toContain(`<title id="${id}"`);
  });

  it('names colours by custom properties only and draws no broken number', () => {
    const colours = [...markup.matchAll(/(?:fill|stroke|stop-color)="([^"]+)"/gi)].map((match) => match[1] as string);
    for (const colour of colours) expect(colour).toMatch(/^(none|var\(--[\w-]+(, var\(--\w+\))?\)|url\(#.+\))$/);
    expect(markup).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('keeps its text at 11 px or more', () => {
    for (const match of markup.matchAll(/font-size="([\d.]+)"/g)) expect(Number(match[1])).toBeGreaterThanOrEqual(11);
  });
});

describe('without data', () => {
  it.each<[string, ReactElement, string]>([
    ['map', <LayerTokenMap key="1" data={null} {...size} />, 'Needs a direction'],
    ['profile', <SeparationProfile key="2" data={[]} {...size} />, 'Needs a contrast'],
    ['scatter', <ActivationScatter key="3" data={[]} {...size} />, 'Needs a contrast'],
    ['cosines of one', <CosineMatrix key="4" data={{ names: ['a'], values: [[1]], hookPoint: 'hook_embed' }} {...size} />, 'Needs two'],
    ['sweep', <SweepFrontier key="5" data={[]} across="coherence" {...size} />, 'Needs a sweep'],
  ])('%s says what it needs', (_, chart, words) => {
    expect(renderToStaticMarkup(chart)).toContain(words);
  });

  it('a track without a sweep still shows the coefficient', () => {
    const markup = renderToStaticMarkup(<SteeringTrack data={[]} min={-1} max={1} value={-0.2} {...size} />);
    expect(markup).toContain('−0.20');
    expect(markup).toContain('No sweep has been measured here');
    const unscored = ruleCurve.map((point) => ({ ...point, alignment: samples.none }));
    expect(renderToStaticMarkup(<SteeringTrack data={unscored} min={-1} max={1} value={-0.2} {...size} />)).toContain(
      'The sweep has no figure there.',
    );
  });

  it('too few answers draw no score box, and say the count', () => {
    const markup = renderToStaticMarkup(<ScoreBlock data={samples.fewScoreMarks} />);
    expect(markup).not.toContain('<rect');
    expect(markup).toContain('no score, n = 3');
  });
});

describe('odd data', () => {
  it.each([
    ['nothing read', Number.NaN],
    ['all far out', 1e9],
  ])('a map with %s is drawn', (_, value) => {
    const data = { tokens: ['a', '\n'], hookPoints: ['hook_embed', 'blocks.0.hook_resid_mid'], values: [[value, value], [value]] };
    expect(renderToStaticMarkup(<LayerTokenMap data={data} {...size} />)).not.toMatch(/="[^"]*(NaN|Infinity)/);
  });

  it('equal activations, one point and points that are not numbers are drawn', () => {
    const same = Array.from({ length: 3 }, () => ({ x: 2, y: 2, positive: true, label: 'a' }));
    const markup = renderToStaticMarkup(
      <ActivationScatter data={[...same, { x: Number.NaN, y: 0, positive: false, label: 'b' }]} {...size} />,
    );
    expect(markup).not.toMatch(/NaN|Infinity/);
  });

  it('a sweep of one coefficient is drawn', () => {
    for (const across of ['coherence', 'coefficient'] as const) {
      expect(renderToStaticMarkup(<SweepFrontier data={samples.sweep.slice(0, 1)} across={across} value={9} {...size} />)).not.toMatch(
        /NaN|Infinity/,
      );
    }
  });
});

describe('rows of blocks', () => {
  const hookPoints = Array.from({ length: 36 }, (_, block) => `blocks.${block}.hook_resid_post`);

  it('stands the last block on top and finds rows by height', () => {
    const layout = createBlockRows(hookPoints, 10, 190);
    expect(layout.rows[0]?.y).toBeCloseTo(185);
    expect(layout.rows.at(-1)?.y).toBeCloseTo(10);
    expect(rowAt(layout, 12)?.block).toBe(35);
    expect(rowAt(layout, 5000)?.block).toBe(0);
  });

  it('labels no two rows closer than a line of text', () => {
    const labelled = createBlockRows(hookPoints, 0, 180).rows.filter((row) => row.labelled);
    expect(labelled.length).toBeGreaterThan(8);
    expect((labelled[0]?.y ?? 0) - (labelled[1]?.y ?? 0)).toBeGreaterThanOrEqual(12);
  });
});

describe('a profile of two definitions', () => {
  const alone = samples.profile.map(({ definition: _, other: __, ...point }) => point);
  const hookPoints = samples.profile.map(({ hookPoint }) => hookPoint);

  it('shows the other faintly and says which is which, in words, legend and table', () => {
    const both = renderToStaticMarkup(
      <SeparationProfile data={samples.profile} width={300} height={200} rows={createBlockRows(hookPoints, LEGEND_ROOM, 180)} />,
    );
    expect(both.match(/class="faint"/g)).toHaveLength(hookPoints.length);
    expect(both).toMatch(/AUC, plain, of 10 hook points.* By the standardised difference the highest is \.\d\d\./);
    expect(both.match(/<text[^>]*>(plain|standardised)<\/text>/g)).toHaveLength(2);
    const { columns, rows } = separationProfileTable(samples.profile);
    expect(columns.map(({ label }) => label)).toContain('AUC, standardised');
    expect(rows[9]?.at(-2)).toBe((samples.profile[9]?.other?.auc.mean ?? 0).toFixed(3));
  });

  it('is one of one where a link brought one alone', () => {
    const one = renderToStaticMarkup(<SeparationProfile data={alone} width={300} height={200} />);
    expect(one).not.toMatch(/faint|standardised/);
    expect(separationProfileTable(alone).columns).toHaveLength(5);
  });
});

describe('a sweep of a judge’s own score', () => {
  it('bears its name and no hue of good and bad', () => {
    const track = renderToStaticMarkup(<SteeringTrack data={ruleCurve} score="score" min={-0.5} max={1} value={0} {...size} />);
    expect(track).toMatch(/The sweep found score \d+ there/);
    expect(track).not.toMatch(/alignment|linearGradient/);
    const frontier = renderToStaticMarkup(<SweepFrontier data={ruleCurve} score="score" across="coefficient" width={400} height={200} />);
    expect(frontier).toMatch(/lowest score \d+/);
    expect(frontier).not.toMatch(/alignment|coherence \(dashed\)/);
    expect(sweepTable(ruleCurve, { score: 'score' }).columns.map(({ label }) => label)).toContain('score');
  });

  it('without a figure says why it is empty', () => {
    expect(renderToStaticMarkup(<SweepFrontier data={[]} across="coefficient" emptyText="Too few answers." {...size} />)).toContain(
      'Too few answers.',
    );
  });
});

describe('tables behind the charts', () => {
  it('a control’s sweep stands under the sweep, named', () => {
    const { rows } = sweepTable(samples.sweep, { controlSweep: { label: 'random', points: samples.randomSweep } });
    expect(rows).toHaveLength(samples.sweep.length * 2);
    expect(rows.at(-1)).toEqual(['+1.00, random', expect.stringMatching(/n = 160$/), expect.stringMatching(/n = 160$/)]);
  });

  it.each([
    ['map', layerTokenMapTable(samples.map)],
    ['profile', separationProfileTable(samples.profile)],
    ['profile of one definition', separationProfileTable(samples.profile.map(({ other: _, ...point }) => point))],
    ['scatter', activationScatterTable(samples.scatter)],
    ['cosines', cosineMatrixTable({ ...samples.cosines, names: samples.cosines.names.map(() => 'same') })],
    ['sweep', sweepTable(samples.sweep)],
    ['sweep and its control', sweepTable(samples.sweep, { controlSweep: { label: 'random', points: samples.randomSweep } })],
  ])('%s: every row has every column, and headings are unique', (_, table) => {
    const warn = vi.spyOn(console, 'error');
    for (const row of table.rows) expect(row).toHaveLength(table.columns.length);
    expect(new Set(table.columns.map((column) => column.label)).size).toBe(table.columns.length);
    const markup = renderToStaticMarkup(<ChartTable data={table} />);
    expect(markup).toContain(`<caption>`);
    expect(markup.match(/<th scope="row"/g)).toHaveLength(table.rows.length);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});
