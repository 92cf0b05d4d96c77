import { useState } from 'react';
import { BlockRange } from '../../charts/block-range';
import { type BlockRows, createBlockRows } from '../../charts/block-rows';
import { LayerTokenMap, layerTokenMapTable, MAP_MARGIN, type MapCell } from '../../charts/layer-token-map';
import { plain, share, signed } from '../../charts/number-text';
import {
  LEGEND_ROOM,
  type SeparationPoint,
  SeparationProfile,
  separationLegend,
  separationProfileTable,
} from '../../charts/separation-profile';
import { isMapStale, isProfileStale } from '../../store/staleness';
import type { AppState } from '../../store/state';
import { conditionLetter } from '../parts/condition-key';
import { useActions, useApp } from '../store-context';
import { useShownDirection } from '../use-shown-direction';
import { EnlargeButton, Pane } from './pane';
import { ComputeRemedy, MapRemedy } from './remedies';
import { useBlockRange } from './use-block-range';
import type { Box } from './use-box';

/** The profile needs this much of the pane; the map has the rest. */
const PROFILE_SHARE = 0.42;
const HANDLE_ROOM = 26;
/** From this height on the profile has room for its legend. */
const LEGEND_HEIGHT = 160;

/** Layer x token map and separation profile over the same rows, with one bracket that picks the blocks in both. */
export function MapPane({ large = false, alone = false }: { large?: boolean; alone?: boolean }) {
  const map = useApp((state) => state.runtime.map);
  const profile = useApp((state) => state.runtime.profile);
  const readingsStale = useApp(isProfileStale);
  const stale = useApp(isMapStale);
  const place = useApp(mapPlace);
  const pinned = useApp((state) => state.session.pinnedToken);
  const shown = useShownDirection();
  const range = useBlockRange();
  const { setSession } = useActions();
  const [row, setRow] = useState<string | null>(null);
  const [hover, setHover] = useState<MapCell | null>(null);
  const [hoverRow, setHoverRow] = useState<string | null>(null);

  const hookPoint = row ?? shown?.hookPoint ?? map?.hookPoints.at(-1) ?? null;
  const isHere =
    map && pinned && pinned.conditionId === map.conditionId && pinned.questionId === map.questionId && pinned.sample === map.sample;
  const selected = isHere && hookPoint ? { token: pinned.index, hookPoint } : null;
  const select = (cell: MapCell) => {
    if (!map) return;
    setRow(cell.hookPoint);
    setSession({ pinnedToken: { conditionId: map.conditionId, questionId: map.questionId, sample: map.sample, index: cell.token } });
  };
  const read = hover ?? null;
  const value = read && map ? (map.values[map.hookPoints.indexOf(read.hookPoint)]?.[read.token] ?? Number.NaN) : Number.NaN;
  const caption = read && !Number.isNaN(value) ? `${signed(value, 1)} σ at ${read.hookPoint.replace(/\.hook_resid_post$/, '')}` : place;
  const point = profile.find((one) => one.hookPoint === hoverRow);
  const readout = point?.auc.mean != null ? separationText(point, point.hookPoint.replace(/\.hook_resid_post$/, '')) : aucName(profile);
  const hookPoints = rowsOf(
    map?.hookPoints ?? [],
    profile.map((one) => one.hookPoint),
  );

  return (
    <Pane
      id="map"
      title="Layer × token"
      caption={caption}
      large={large}
      table={map && (() => layerTokenMapTable(map))}
      remedy={map === null ? <MapRemedy /> : stale ? <MapAgain map={map} /> : null}
      second={
        !large &&
        !alone && (
          <span className="pane-second" style={{ width: `${PROFILE_SHARE * 100}%` }}>
            <h2>Separation</h2>
            <span className="pane-caption">{readout}</span>
            {profile.length > 0 && <EnlargeButton id="profile" />}
          </span>
        )
      }
    >
      {(box) => {
        const profileWidth = alone ? 0 : Math.round(box.width * PROFILE_SHARE);
        const mapWidth = box.width - profileWidth;
        const allTokens = large && box.height > 300;
        const rows = createBlockRows(
          hookPoints,
          MAP_MARGIN.top,
          box.height - (allTokens ? MAP_MARGIN.bottomWithTokens : MAP_MARGIN.bottom),
        );
        return (
          <div className={map === null ? 'chart-stack pane-pair apart' : 'chart-stack pane-pair'}>
            <LayerTokenMap
              data={map}
              width={map === null && !alone ? mapWidth - 8 : mapWidth}
              height={box.height}
              rows={rows}
              selected={selected}
              stale={stale}
              allTokens={allTokens}
              onSelect={select}
              onHover={setHover}
            />
            {!alone && (
              <SeparationProfile
                data={profile}
                width={profileWidth}
                height={box.height}
                rows={rows}
                labels={map === null}
                blocks={range?.blocks ?? []}
                hookPoint={shown?.hookPoint ?? null}
                stale={readingsStale}
                rightMargin={HANDLE_ROOM}
                onHover={setHoverRow}
              />
            )}
            {range && profile.length > 0 && !alone && (
              <RangeBracket range={range} rows={rows} left={map ? 0 : mapWidth} width={map ? box.width : profileWidth} />
            )}
          </div>
        );
      }}
    </Pane>
  );
}

/** The way on from a map of before: the answer that stands at its place now, else the first there is. */
function MapAgain({ map }: { map: NonNullable<AppState['runtime']['map']> }) {
  const there = useApp(({ runtime }) => runtime.answers[`${map.conditionId}|${map.questionId}|${map.sample}`]?.status === 'done');
  const ready = useApp(({ runtime }) => runtime.modelStatus === 'ready' && runtime.tasks.length === 0);
  const { showMap } = useActions();
  if (!there) return <MapRemedy />;
  return ready ? (
    <button type="button" className="button pane-remedy" onClick={() => void showMap(map.conditionId, map.questionId, map.sample)}>
      Map it again
    </button>
  ) : null;
}

/** The profile alone: a phone's tab, and the large view of it. */
export function ProfilePane({ large = false }: { large?: boolean }) {
  const profile = useApp((state) => state.runtime.profile);
  const readingsStale = useApp(isProfileStale);
  const shown = useShownDirection();
  const range = useBlockRange();
  const [hover, setHover] = useState<string | null>(null);
  const point = profile.find((one) => one.hookPoint === hover);
  const caption =
    point?.auc.mean != null
      ? separationText(point, point.hookPoint)
      : readingsStale
        ? 'of an earlier setting'
        : `${aucName(profile)}, by block, held-out groups`;
  return (
    <Pane
      id="profile"
      title="Separation"
      caption={caption}
      large={large}
      table={profile.length > 0 ? () => separationProfileTable(profile) : null}
      remedy={profile.length === 0 ? <ComputeRemedy /> : null}
    >
      {(box: Box) => {
        // A file of the chart has no caption around it.
        const top = separationLegend(profile) && box.height > LEGEND_HEIGHT ? LEGEND_ROOM : MAP_MARGIN.top;
        const rows = createBlockRows(
          profile.map((one) => one.hookPoint),
          top,
          box.height - MAP_MARGIN.bottom,
        );
        return (
          <div className="chart-stack">
            <SeparationProfile
              data={profile}
              {...box}
              rows={rows}
              blocks={range?.blocks ?? []}
              hookPoint={shown?.hookPoint ?? null}
              stale={readingsStale}
              rightMargin={HANDLE_ROOM}
              onHover={setHover}
            />
            {range && profile.length > 0 && <RangeBracket range={range} rows={rows} left={24} width={box.width - 24} />}
          </div>
        );
      }}
    </Pane>
  );
}

/** `AUC`, and where there are two what the strong and the faint marks are. */
function aucName(profile: readonly SeparationPoint[]): string {
  const legend = separationLegend(profile);
  return legend ? `AUC ${legend.strong}, faint: ${legend.faint}` : 'AUC';
}

/** One point in words: `0.93 (standardised 0.95) at blocks.6, norm 0.42`. */
function separationText({ auc, other, relativeNorm }: SeparationPoint, place: string): string {
  const also = other?.auc.mean == null ? '' : ` (${other.definition} ${share(other.auc.mean)})`;
  return `${share(auc.mean ?? Number.NaN)}${also} at ${place}, norm ${plain(relativeNorm, 2)}`;
}

function RangeBracket({
  range,
  rows,
  left,
  width,
}: {
  range: NonNullable<ReturnType<typeof useBlockRange>>;
  rows: BlockRows;
  left: number;
  width: number;
}) {
  return <BlockRange rows={rows} first={range.first} last={range.last} left={left} width={width} onChange={range.move} />;
}

/** Hook points of both charts in one order: the map's, and where it has none the profile's. */
function rowsOf(mapped: readonly string[], profiled: readonly string[]): string[] {
  if (mapped.length === 0) return [...profiled];
  return [...mapped];
}

/** `B, question 2`; the sample only where it is not the first. The question may be gone since. */
function mapPlace({ document, runtime }: AppState): string {
  const { map } = runtime;
  if (!map) return '';
  const condition = document.conditions.findIndex(({ id }) => id === map.conditionId);
  const question = document.questions.items.findIndex(({ id }) => id === map.questionId);
  const parts = [
    condition >= 0 ? conditionLetter(condition) : '',
    question >= 0 ? `question ${question + 1}` : 'an earlier question',
    map.sample > 0 ? `answer ${map.sample + 1}` : '',
  ];
  return parts.filter(Boolean).join(', ');
}
