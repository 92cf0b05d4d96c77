import type { ReactElement } from 'react';
import { ActivationScatter, activationScatterTable } from '../../src/charts/activation-scatter';
import { BlockRange } from '../../src/charts/block-range';
import { createBlockRows } from '../../src/charts/block-rows';
import { ChartTable } from '../../src/charts/chart-table';
import { CosineMatrix, cosineMatrixTable } from '../../src/charts/cosine-matrix';
import { FairFoulLegend } from '../../src/charts/fair-foul-legend';
import { LayerTokenMap, MAP_MARGIN } from '../../src/charts/layer-token-map';
import { LeanBar } from '../../src/charts/lean-bar';
import { ScoreAxis, ScoreBlock } from '../../src/charts/score-strip';
import { SeparationProfile } from '../../src/charts/separation-profile';
import { SteeringTrack } from '../../src/charts/steering-track';
import { SweepFrontier } from '../../src/charts/sweep-frontier';
import { TokenProfile } from '../../src/charts/token-profile';
import * as samples from './samples';

const none = () => {};
const pane = { width: 300, height: 170 };
const phone = { width: 358, height: 280 };
const deepRows = createBlockRows(samples.hookPoints(36), MAP_MARGIN.top, 240 - MAP_MARGIN.bottom);
const profileRows = createBlockRows(samples.hookPoints(10), MAP_MARGIN.top, pane.height - MAP_MARGIN.bottom);
const deepMap = samples.layerTokenMap(36, 4);
const fewSweep = samples.sweepPoints([0, 0.5]);

/** Every chart in every state, by the name of its picture. */
const SHOTS: ReadonlyArray<[name: string, chart: ReactElement]> = [
  [
    'layer-token-map',
    <LayerTokenMap key="a" data={samples.map} {...pane} selected={{ token: 6, hookPoint: 'blocks.6.hook_resid_post' }} onSelect={none} />,
  ],
  ['layer-token-map-stale', <LayerTokenMap key="a" data={samples.map} {...pane} stale />],
  ['layer-token-map-empty', <LayerTokenMap key="a" data={null} {...pane} />],
  [
    'layer-token-map-36-blocks-long-answer',
    <LayerTokenMap
      key="a"
      data={deepMap}
      width={420}
      height={240}
      rows={deepRows}
      selected={{ token: 60, hookPoint: 'blocks.20.hook_resid_post' }}
      onSelect={none}
    />,
  ],
  ['layer-token-map-phone', <LayerTokenMap key="a" data={samples.map} {...phone} />],
  [
    'separation-profile',
    <div key="a" className="chart-stack">
      <SeparationProfile
        data={samples.profile}
        {...pane}
        rows={profileRows}
        blocks={[4, 5, 6, 7, 8]}
        hookPoint="blocks.6.hook_resid_post"
        rightMargin={26}
      />
      <BlockRange rows={profileRows} first={4} last={8} left={20} width={pane.width - 20} onChange={none} />
    </div>,
  ],
  ['separation-profile-narrow', <SeparationProfile key="a" data={samples.profile} width={130} height={150} />],
  [
    'separation-profile-36-blocks',
    <SeparationProfile
      key="a"
      data={samples.separationProfile(36)}
      width={300}
      height={240}
      blocks={[12, 13, 14]}
      hookPoint="blocks.13.hook_resid_post"
    />,
  ],
  ['separation-profile-empty', <SeparationProfile key="a" data={[]} {...pane} />],
  ['activation-scatter', <ActivationScatter key="a" data={samples.scatter} width={190} height={170} />],
  ['activation-scatter-many', <ActivationScatter key="a" data={samples.scatterPoints(824)} {...phone} active={3} />],
  [
    'activation-scatter-few',
    <ActivationScatter key="a" data={samples.scatter.slice(0, 3)} {...pane} positiveLabel="first set" negativeLabel="second set" />,
  ],
  ['activation-scatter-stale', <ActivationScatter key="a" data={samples.scatter} {...pane} stale />],
  ['activation-scatter-empty', <ActivationScatter key="a" data={[]} {...pane} />],
  ['cosine-matrix', <CosineMatrix key="a" data={samples.cosines} width={190} height={170} />],
  [
    'cosine-matrix-many',
    <CosineMatrix key="a" data={samples.cosineMatrix(Array.from({ length: 14 }, (_, at) => `direction ${at + 1}`))} {...phone} />,
  ],
  ['cosine-matrix-empty', <CosineMatrix key="a" data={null} {...pane} />],
  [
    'sweep-frontier',
    <SweepFrontier
      key="a"
      data={samples.sweep}
      across="coherence"
      width={220}
      height={170}
      value={0.35}
      valueLabel="D"
      controls={samples.controls}
    />,
  ],
  [
    'sweep-frontier-control-sweep',
    <SweepFrontier
      key="a"
      data={samples.sweep}
      across="coherence"
      {...phone}
      value={0.52}
      valueLabel="D"
      controlSweep={{ label: 'random ×5', points: samples.randomSweep }}
    />,
  ],
  [
    'sweep-by-coefficient',
    <SweepFrontier
      key="a"
      data={samples.sweep}
      across="coefficient"
      {...phone}
      value={0.35}
      valueLabel="D"
      controls={samples.controls}
      controlSweep={{ label: 'random ×5', points: samples.randomSweep }}
    />,
  ],
  ['sweep-frontier-few', <SweepFrontier key="a" data={fewSweep} across="coherence" width={220} height={170} value={0.2} />],
  ['sweep-frontier-stale', <SweepFrontier key="a" data={samples.sweep} across="coherence" width={220} height={170} value={0.35} stale />],
  ['sweep-frontier-empty', <SweepFrontier key="a" data={[]} across="coherence" {...pane} />],
  ['steering-track', <SteeringTrack key="a" data={samples.sweep} min={-0.5} max={1} value={0.35} width={262} height={128} />],
  [
    'steering-track-dragging',
    <SteeringTrack key="a" data={samples.sweep} min={-0.5} max={1} value={0.52} staleValue={0.18} width={262} height={128} />,
  ],
  ['steering-track-negative', <SteeringTrack key="a" data={samples.sweep} min={-0.5} max={1} value={-0.3} width={262} height={128} />],
  [
    'steering-track-end',
    <SteeringTrack key="a" data={samples.sweep} min={-0.5} max={1} value={1} staleValue={0.35} width={262} height={128} />,
  ],
  ['steering-track-zero-no-sweep', <SteeringTrack key="a" data={[]} min={-2} max={2} value={0} width={262} height={48} />],
  [
    'steering-track-phone-stops',
    <SteeringTrack
      key="a"
      data={samples.sweep}
      min={-0.5}
      max={1}
      value={0.4}
      width={358}
      height={110}
      stops={[-0.5, -0.25, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1]}
    />,
  ],
  [
    'steering-track-kiosk',
    <SteeringTrack key="a" data={samples.sweep} min={-0.5} max={1} value={0.35} width={900} height={206} fontSize={17} />,
  ],
  [
    'steering-track-sweep-of-another-setting',
    <SteeringTrack key="a" data={samples.sweep} min={-0.5} max={1} value={0.35} width={262} height={128} staleSweep />,
  ],
  [
    'score-strip',
    <div key="a" style={{ display: 'flex' }}>
      <ScoreAxis />
      <ScoreBlock data={[{ ...samples.scoreMark, estimate: samples.estimate(93, 4) }, ...samples.scoreMarks.slice(1)]} name="base" />
      <ScoreBlock data={[{ ...samples.scoreMark, estimate: samples.estimate(27, 10) }, ...samples.scoreMarks.slice(1)]} name="organism" />
      <ScoreBlock data={samples.scoreMarks} controls={samples.scoreControls} name="organism + ablation" />
      <ScoreBlock
        data={[{ ...samples.scoreMark, estimate: samples.estimate(47, 9) }, ...samples.scoreMarks.slice(1)]}
        stale
        name="base + steering"
      />
      <ScoreBlock data={samples.fewScoreMarks} name="too few" />
    </div>,
  ],
  ['score-strip-kiosk', <ScoreBlock key="a" data={[samples.scoreMark]} width={74} pixelsPerPoint={3} fontSize={17} />],
  ['lean-bar-aligned', <LeanBar key="a" data={samples.lean} />],
  ['lean-bar-misaligned', <LeanBar key="a" data={{ mean: 0.33, low: 0.24, high: 0.42, n: 24 }} />],
  ['lean-bar-stale', <LeanBar key="a" data={{ mean: 0.33, low: 0.24, high: 0.42, n: 24 }} stale />],
  ['lean-bar-empty', <LeanBar key="a" data={null} />],
  [
    'token-profile',
    <TokenProfile
      key="a"
      data={{ token: ' Skip', hookPoints: samples.map.hookPoints, values: samples.map.values.map((row) => row[5] ?? Number.NaN) }}
    />,
  ],
  ['fair-foul-legend', <FairFoulLegend key="a" />],
  ['fair-foul-legend-kiosk', <FairFoulLegend key="a" cellWidth={24} height={20} />],
  ['table-of-cosines', <ChartTable key="a" data={cosineMatrixTable(samples.cosines)} />],
  ['table-of-activations', <ChartTable key="a" data={activationScatterTable(samples.scatter.slice(0, 4))} />],
];

export function ChartGallery() {
  return (
    <main className="gallery">
      <h1>Charts</h1>
      {SHOTS.map(([name, chart]) => (
        <section key={name} className="shot" data-shot={name} aria-label={name}>
          {chart}
        </section>
      ))}
    </main>
  );
}
