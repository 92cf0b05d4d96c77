import { type BlockRows, createBlockRows, rowAt, rowLabelWidth } from './block-rows';
import { ChartEmpty, ChartFrame, type ChartSize } from './chart-frame';
import type { ChartTableData } from './chart-table';
import { type ChartEstimate, known } from './estimate';
import { MAP_MARGIN } from './layer-token-map';
import { plain, share } from './number-text';
import { StaleRail } from './stale-rail';
import { textWidth } from './text-fit';

/** Separation of the two classes at one hook point. */
export interface SeparationPoint {
  hookPoint: string;
  block: number;
  /** Length of the difference of means over the mean residual norm. */
  relativeNorm: number;
  auc: ChartEstimate;
  /** How the difference was taken, such as `plain`. */
  definition?: string;
  /** The same rows by another definition, drawn faint. */
  other?: { definition: string; auc: ChartEstimate };
}

/** What the strong and the faint marks are of; null where there is one definition alone. */
export function separationLegend(data: readonly SeparationPoint[]): { strong: string; faint: string } | null {
  const both = data.find(({ other }) => other);
  return both?.other ? { strong: both.definition ?? 'chosen definition', faint: both.other.definition } : null;
}

/** Room above the rows that the legend needs, in px; with less, what stands around the chart says it. */
export const LEGEND_ROOM = 20;

export interface SeparationProfileOptions extends ChartSize {
  /** Shared with the map beside it; laid out here when missing. */
  rows?: BlockRows;
  /** Blocks that the intervention edits: filled marks. */
  blocks?: readonly number[];
  /** Where the shown direction was read: the large mark. */
  hookPoint?: string | null;
  /** Whether the rows carry their own labels (false beside a map). */
  labels?: boolean;
  /** Room kept free at the right, for the handles of a range bracket. */
  rightMargin?: number;
  stale?: boolean;
  onHover?: (hookPoint: string | null) => void;
}

/** AUC by block with its 95 % interval; beside it the direction's length as a share of the residual norm. */
export function SeparationProfile({ data, ...options }: SeparationProfileOptions & { data: readonly SeparationPoint[] }) {
  const { width, height, blocks = [], hookPoint, labels = true, rightMargin = 6, stale = false, onHover } = options;
  if (data.length === 0) {
    return (
      <ChartEmpty width={width} height={height}>
        How well each block tells the two classes apart. Needs a contrast.
      </ChartEmpty>
    );
  }
  const layout =
    options.rows ??
    createBlockRows(
      data.map((point) => point.hookPoint),
      MAP_MARGIN.top,
      height - MAP_MARGIN.bottom,
    );
  const points = new Map(data.map((point) => [point.hookPoint, point]));
  const left = labels ? rowLabelWidth(layout.rows.map((row) => row.hookPoint)) : 10;
  const right = width - rightMargin;
  const showNorm = right - left >= 112;
  const normWidth = showNorm ? Math.min(64, (right - left) * 0.3) : 0;
  const aucRight = right - (showNorm ? normWidth + 16 : 6);
  const floor = Math.min(
    0.5,
    ...data.flatMap(({ auc, other }) => [auc, other?.auc]).map((auc) => Math.floor((known(auc)?.low ?? 0.5) * 20) / 20),
  );
  const x = (auc: number) => left + ((auc - floor) / (1 - floor)) * (aucRight - left);
  const greatestNorm = Math.max(1e-9, ...data.map((point) => point.relativeNorm));
  const normX = (value: number) => right - normWidth + (Math.max(0, value) / greatestNorm) * normWidth;
  const ticks = [0.5, 0.75, 1].filter((tick) => tick >= floor);
  const axisY = layout.bottom + 14;
  const best = data.reduce((held, point) => ((known(point.auc)?.mean ?? 0) > (known(held.auc)?.mean ?? 0) ? point : held));
  const bestAuc = known(best.auc);
  const legend = separationLegend(data);
  const faintBest = Math.max(0, ...data.map(({ other }) => known(other?.auc)?.mean ?? 0));
  const faintText = legend ? ` By the ${legend.faint} difference the highest is ${share(faintBest)}.` : '';
  const description = `AUC${legend ? `, ${legend.strong},` : ''} of ${data.length} hook points on held-out groups${bestAuc ? `; highest ${share(bestAuc.mean)} [${share(bestAuc.low)}, ${share(bestAuc.high)}] at ${best.hookPoint}` : ''}. Longest difference of means: ${plain(greatestNorm, 2)} of the mean residual norm.${faintText}`;
  return (
    <ChartFrame
      title="Separation by block"
      description={description}
      width={width}
      height={height}
      onPointerMove={onHover && ((_, y) => onHover(y <= layout.bottom ? (rowAt(layout, y)?.hookPoint ?? null) : null))}
      onPointerLeave={onHover && (() => onHover(null))}
    >
      {ticks.map((tick) => (
        <path key={tick} d={`M${x(tick)} ${layout.top}V${layout.bottom}`} stroke="var(--line)" />
      ))}
      {layout.rows.map((row) => {
        const point = points.get(row.hookPoint);
        const auc = known(point?.auc);
        const faint = known(point?.other?.auc);
        // A little lower, so that neither hides the other where both are the same.
        const faintY = row.middle + Math.min(4, layout.rowHeight / 4);
        const edited = blocks.includes(row.block);
        const source = row.hookPoint === hookPoint;
        const radius = Math.min(source ? 5 : 3.5, Math.max(1.5, layout.rowHeight / 2 - (source ? 0 : 0.5)));
        return (
          <g key={row.hookPoint} opacity={stale ? 0.5 : 1}>
            {labels && row.labelled && (
              <text
                x={left - 8}
                y={row.middle + 4}
                textAnchor="end"
                fontWeight={source ? 600 : 400}
                fill={source ? 'var(--ink)' : 'var(--ink2)'}
              >
                {row.label}
              </text>
            )}
            {faint && (
              <g className="faint" stroke="var(--edge)">
                <path d={`M${x(faint.low)} ${faintY}H${x(faint.high)}`} />
                <circle cx={x(faint.mean)} cy={faintY} r={Math.max(1.25, radius - 1.5)} fill="var(--edge)" />
              </g>
            )}
            {auc && (
              <>
                <path d={`M${x(auc.low)} ${row.middle}H${x(auc.high)}`} stroke="var(--ink)" strokeWidth={1.5} />
                <circle
                  cx={x(auc.mean)}
                  cy={row.middle}
                  r={radius}
                  fill={edited || source ? 'var(--ink)' : 'var(--chart-surface, var(--bg))'}
                  stroke="var(--ink)"
                  strokeWidth={1.25}
                />
              </>
            )}
            {showNorm && point && (
              <path
                d={`M${normX(0)} ${row.middle}H${Math.max(normX(0) + 1, normX(point.relativeNorm))}`}
                stroke={edited || source ? 'var(--ink2)' : 'var(--edge)'}
                strokeWidth={Math.max(1, Math.min(5, layout.rowHeight - 2))}
              />
            )}
          </g>
        );
      })}
      {legend && layout.top >= LEGEND_ROOM && (
        <g>
          <circle cx={left + 4} cy={layout.top - 10} r={3.5} fill="var(--ink)" />
          <text x={left + 12} y={layout.top - 6}>
            {legend.strong}
          </text>
          <circle cx={left + 28 + textWidth(legend.strong)} cy={layout.top - 10} r={2.5} fill="var(--edge)" />
          <text x={left + 36 + textWidth(legend.strong)} y={layout.top - 6}>
            {legend.faint}
          </text>
        </g>
      )}
      {stale && <StaleRail x={right + 2} top={layout.top} bottom={layout.bottom} />}
      {ticks.map((tick, at) => (
        <text key={tick} x={x(tick)} y={axisY} textAnchor={at === 0 && x(tick) - left < 2 ? 'start' : 'middle'}>
          {tick === 0.5 && x(1) - x(0.5) >= 120 ? `AUC ${share(tick)}` : share(tick)}
        </text>
      ))}
      {showNorm && (
        <>
          <path d={`M${normX(0)} ${layout.top}V${layout.bottom}`} stroke="var(--line)" />
          <text x={right} y={axisY} textAnchor="end">
            {normWidth >= 38 ? `norm ${share(greatestNorm)}` : share(greatestNorm)}
          </text>
        </>
      )}
    </ChartFrame>
  );
}

/** One row a hook point; of both definitions where there are two. */
export function separationProfileTable(data: readonly SeparationPoint[]): ChartTableData {
  const legend = separationLegend(data);
  const auc = (of: string) => [
    { label: of ? `AUC, ${of}` : 'AUC', figure: true },
    { label: of ? `95 % interval, ${of}` : '95 % interval', figure: true },
  ];
  return {
    caption: 'How well each hook point tells the two classes apart, on held-out groups, with 95 % intervals.',
    columns: [
      { label: 'hook point' },
      ...auc(legend?.strong ?? ''),
      { label: 'n', figure: true },
      { label: 'norm / residual norm', figure: true },
      ...(legend ? auc(legend.faint) : []),
    ],
    rows: data.map((point) => [
      point.hookPoint,
      ...aucCells(point.auc),
      String(point.auc.n),
      plain(point.relativeNorm, 3),
      ...(legend ? aucCells(point.other?.auc) : []),
    ]),
  };
}

function aucCells(estimate: ChartEstimate | undefined): [figure: string, interval: string] {
  const auc = known(estimate);
  return auc ? [plain(auc.mean, 3), `[${plain(auc.low, 3)}, ${plain(auc.high, 3)}]`] : ['none', ''];
}
