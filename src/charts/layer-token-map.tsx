import type { KeyboardEvent } from 'react';
import { type BlockRows, createBlockRows, rowAt, rowLabelWidth } from './block-rows';
import { ChartEmpty, ChartFrame, type ChartSize } from './chart-frame';
import type { ChartTableData } from './chart-table';
import { FAIR_FOUL_BIN_COUNT, FAIR_FOUL_VARIABLES, fairFoulBin } from './fair-foul';
import { signed } from './number-text';
import { StaleRail } from './stale-rail';
import { fitText, textWidth } from './text-fit';

/** Projections of one answer's tokens at several hook points: `values` is `[hookPoints][tokens]` in standard deviations. */
export interface LayerTokenMapData {
  tokens: string[];
  hookPoints: string[];
  values: number[][];
}

export interface MapCell {
  hookPoint: string;
  token: number;
}

export interface LayerTokenMapOptions extends ChartSize {
  /** Shared with the profile beside it; laid out here when missing. */
  rows?: BlockRows;
  selected?: MapCell | null;
  /** Of a setting that is no longer set. */
  stale?: boolean;
  /** Names every token under its column, slanted, where columns are wide enough; needs `MAP_MARGIN.bottomWithTokens`. */
  allTokens?: boolean;
  onSelect?: (cell: MapCell) => void;
  onHover?: (cell: MapCell | null) => void;
}

/** Room above and below the rows, in px: what a profile beside the map needs for its axis, too. */
export const MAP_MARGIN = { top: 6, bottom: 20, bottomWithTokens: 66 };
const MIN_CELL = 4;
const MAX_CELL = 26;
const ALL_TOKENS_CELL = 13;

/** The nine tints of one answer over layers and tokens; strong cells carry a ring (aligned) or a triangle (misaligned). */
export function LayerTokenMap({ data, ...options }: LayerTokenMapOptions & { data: LayerTokenMapData | null }) {
  const { width, height, selected, stale = false, allTokens = false, onSelect, onHover } = options;
  if (!data || data.tokens.length === 0 || data.hookPoints.length === 0) {
    return (
      <ChartEmpty width={width} height={height}>
        Where in the model and on which word the direction speaks. Needs a direction and an answer.
      </ChartEmpty>
    );
  }
  const layout = options.rows ?? createBlockRows(data.hookPoints, MAP_MARGIN.top, height - MAP_MARGIN.bottom);
  const left = rowLabelWidth(layout.rows.map((row) => row.hookPoint));
  const shown = visibleTokens(data.tokens.length, width - left - 2, selected?.token ?? 0);
  const cellWidth = Math.min(allTokens ? 2 * MAX_CELL : MAX_CELL, (width - left - 2 - (stale ? 9 : 0)) / shown.count);
  const gridWidth = cellWidth * shown.count;
  const index = new Map(data.hookPoints.map((hookPoint, at) => [hookPoint, at]));
  const valueAt = (cell: MapCell) => data.values[index.get(cell.hookPoint) ?? -1]?.[cell.token] ?? Number.NaN;
  const cellAt = (x: number, y: number): MapCell | null => {
    const column = Math.floor((x - left) / cellWidth);
    const row = rowAt(layout, y);
    if (!row || column < 0 || column >= shown.count || y > layout.bottom) return null;
    return { hookPoint: row.hookPoint, token: shown.from + column };
  };

  const gap = layout.rowHeight > 7 && cellWidth > 7 ? 1 : 0.5;
  const tints: string[] = Array.from({ length: FAIR_FOUL_BIN_COUNT }, () => '');
  let rings = '';
  let triangles = '';
  for (const row of layout.rows) {
    for (let column = 0; column < shown.count; column++) {
      const value = valueAt({ hookPoint: row.hookPoint, token: shown.from + column });
      if (Number.isNaN(value)) continue;
      const bin = fairFoulBin(value);
      const x = left + column * cellWidth;
      tints[bin] += `M${num(x)} ${num(row.y)}h${num(cellWidth - gap)}v${num(layout.rowHeight - gap)}h${num(gap - cellWidth)}z`;
      const size = Math.min(2.2, cellWidth / 4, layout.rowHeight / 3.2);
      const [cx, cy] = [x + (cellWidth - gap) / 2, row.middle - gap / 2];
      if (bin === 0)
        rings += `M${num(cx - size)} ${num(cy)}a${num(size)} ${num(size)} 0 1 0 ${num(2 * size)} 0a${num(size)} ${num(size)} 0 1 0 ${num(-2 * size)} 0`;
      if (bin === FAIR_FOUL_BIN_COUNT - 1) triangles += `M${num(cx)} ${num(cy - size)}l${num(size)} ${num(2 * size)}h${num(-2 * size)}z`;
    }
  }

  const tokenName = (token: number) => visibleText(data.tokens[token] ?? '');
  const column = selected ? selected.token - shown.from : -1;
  const marked = column >= 0 && column < shown.count;
  const selectedRow = layout.rows.find((row) => row.hookPoint === selected?.hookPoint);
  const cellText = (cell: MapCell) => {
    const value = valueAt(cell);
    return `${tokenName(cell.token)}, ${cell.hookPoint}: ${Number.isNaN(value) ? 'not read' : `${signed(value, 1)} σ`}`;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!selected || !onSelect) return;
    const at = layout.rows.findIndex((row) => row.hookPoint === selected.hookPoint);
    const moves: Record<string, [token: number, row: number]> = {
      ArrowLeft: [selected.token - 1, at],
      ArrowRight: [selected.token + 1, at],
      ArrowUp: [selected.token, at + 1],
      ArrowDown: [selected.token, at - 1],
      Home: [0, at],
      End: [data.tokens.length - 1, at],
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    const row = layout.rows[Math.max(0, Math.min(layout.rows.length - 1, move[1]))];
    onSelect({ token: Math.max(0, Math.min(data.tokens.length - 1, move[0])), hookPoint: row?.hookPoint ?? selected.hookPoint });
  };

  const strongest = strongestCell(data);
  const description = `${data.tokens.length} tokens at ${data.hookPoints.length} hook points, in standard deviations of the base's answers; right colours are misaligned. Strongest: ${strongest ? cellText(strongest) : 'none'}.`;
  return (
    <div className="chart-stack" style={{ width, height }}>
      <ChartFrame
        title="Projection by layer and token"
        description={description}
        width={width}
        height={height}
        onPointerMove={onHover && ((x, y) => onHover(cellAt(x, y)))}
        onPointerLeave={onHover && (() => onHover(null))}
      >
        {layout.rows.map(
          (row) =>
            row.labelled && (
              <text
                key={row.hookPoint}
                x={left - 6}
                y={row.middle + 4}
                textAnchor="end"
                fontWeight={row === selectedRow ? 600 : 400}
                fill={row === selectedRow ? 'var(--ink)' : 'var(--ink2)'}
              >
                {row.label}
              </text>
            ),
        )}
        <rect
          x={left - 0.5}
          y={layout.top - 0.5}
          width={gridWidth + 1}
          height={layout.bottom - layout.top + 1}
          fill="none"
          stroke="var(--line)"
        />
        {tints.map(
          (path, bin) =>
            path && <path key={FAIR_FOUL_VARIABLES[bin]} d={path} fill={`var(${FAIR_FOUL_VARIABLES[bin]})`} opacity={stale ? 0.45 : 1} />,
        )}
        {rings && <path d={rings} fill="none" stroke="var(--fair)" strokeWidth={1.25} />}
        {triangles && <path d={triangles} fill="var(--foul)" />}
        {stale && <StaleRail x={left + gridWidth + 3} top={layout.top} bottom={layout.bottom} />}
        {marked && (
          <>
            <rect
              x={left + column * cellWidth - 1}
              y={layout.top - 2}
              width={cellWidth + 1}
              height={layout.bottom - layout.top + 4}
              fill="none"
              stroke="var(--ink)"
              strokeWidth={2}
            />
            {selectedRow && (
              <rect
                x={left + column * cellWidth - 1}
                y={selectedRow.y - 1}
                width={cellWidth + 1}
                height={layout.rowHeight + 1}
                fill="none"
                stroke="var(--ink)"
                strokeWidth={2}
              />
            )}
          </>
        )}
        <TokenAxis
          tokens={data.tokens.map(visibleText)}
          shown={shown}
          left={left}
          cellWidth={cellWidth}
          y={layout.bottom + 14}
          selected={marked ? column : null}
          all={allTokens && cellWidth >= ALL_TOKENS_CELL}
        />
      </ChartFrame>
      {onSelect && (
        <div
          className="chart-cursor"
          role="slider"
          tabIndex={0}
          aria-label="Token in the layer by token map"
          aria-valuemin={1}
          aria-valuemax={data.tokens.length}
          aria-valuenow={(selected?.token ?? 0) + 1}
          aria-valuetext={selected ? cellText(selected) : 'no token chosen'}
          style={{ left, top: layout.top, width: gridWidth, height: layout.bottom - layout.top }}
          onKeyDown={onKeyDown}
          onFocus={() => {
            const first = layout.rows.at(-1);
            if (!selected && first) onSelect(strongest ?? { token: 0, hookPoint: first.hookPoint });
          }}
          onPointerDown={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            const cell = cellAt(event.clientX - box.left + left, event.clientY - box.top + layout.top);
            if (cell) onSelect(cell);
          }}
          onPointerMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            onHover?.(cellAt(event.clientX - box.left + left, event.clientY - box.top + layout.top));
          }}
          onPointerLeave={() => onHover?.(null)}
        />
      )}
    </div>
  );
}

function TokenAxis(props: {
  tokens: string[];
  shown: { from: number; count: number };
  left: number;
  cellWidth: number;
  y: number;
  selected: number | null;
  all: boolean;
}) {
  const { tokens, shown, left, cellWidth, y, selected, all } = props;
  if (all) {
    const columns = tokens
      .slice(shown.from, shown.from + shown.count)
      .map((token, column) => ({ token, column, x: left + (column + 0.5) * cellWidth + 3 }));
    return columns.map(({ token, column, x }) => (
      <text
        key={x}
        transform={`translate(${num(x)} ${y - 4}) rotate(-60)`}
        textAnchor="end"
        fontWeight={column === selected ? 600 : 400}
        fill={column === selected ? 'var(--ink)' : 'var(--ink2)'}
      >
        {fitText(token, 58)}
      </text>
    ));
  }
  const gridWidth = cellWidth * shown.count;
  const first = fitText(shown.from > 0 ? `… ${tokens[shown.from] ?? ''}` : (tokens[0] ?? ''), gridWidth / 3);
  const end = shown.from + shown.count;
  const last = fitText(end < tokens.length ? `${tokens[end - 1] ?? ''} …` : (tokens[end - 1] ?? ''), gridWidth / 3);
  const centre = selected === null ? '' : fitText(tokens[shown.from + selected] ?? '', 90);
  const half = textWidth(centre) / 2;
  const x = Math.max(left + half, Math.min(left + gridWidth - half, left + ((selected ?? shown.count / 2) + 0.5) * cellWidth));
  return (
    <>
      {x - half - left > textWidth(first) + 6 && (
        <text x={left} y={y}>
          {first}
        </text>
      )}
      {centre && (
        <text x={x} y={y} textAnchor="middle" fontWeight={600} fill="var(--ink)">
          {centre}
        </text>
      )}
      {shown.count > 1 && left + gridWidth - x - half > textWidth(last) + 6 && (
        <text x={left + gridWidth} y={y} textAnchor="end">
          {last}
        </text>
      )}
    </>
  );
}

/** As many tokens as fit at the least cell width, with the chosen one among them. */
function visibleTokens(count: number, width: number, chosen: number): { from: number; count: number } {
  const room = Math.max(1, Math.floor(width / MIN_CELL));
  if (count <= room) return { from: 0, count };
  return { from: Math.max(0, Math.min(count - room, chosen - Math.floor(room / 2))), count: room };
}

function strongestCell(data: LayerTokenMapData): MapCell | null {
  let best: MapCell | null = null;
  let size = 0;
  data.hookPoints.forEach((hookPoint, row) => {
    data.values[row]?.forEach((value, token) => {
      if (Math.abs(value) <= size) return;
      size = Math.abs(value);
      best = { hookPoint, token };
    });
  });
  return best;
}

/** A token's text for a label: spaces at its ends are dropped, line ends and blanks are named. */
function visibleText(token: string): string {
  const text = token.replaceAll('\n', '⏎').trim();
  return text === '' ? '␣' : text;
}

const num = (value: number) => Math.round(value * 100) / 100;

/** One row a token, one column a hook point. */
export function layerTokenMapTable(data: LayerTokenMapData): ChartTableData {
  return {
    caption: 'Projection of each token on the direction, in standard deviations of the base’s answers.',
    columns: [
      { label: '#', figure: true },
      { label: 'token' },
      ...data.hookPoints.map((hookPoint) => ({ label: hookPoint, figure: true })),
    ],
    rows: data.tokens.map((token, at) => [
      String(at + 1),
      visibleText(token),
      ...data.hookPoints.map((_, row) => {
        const value = data.values[row]?.[at] ?? Number.NaN;
        return Number.isNaN(value) ? '' : signed(value, 2);
      }),
    ]),
  };
}
