import { extent } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { ChartEmpty, ChartFrame, type ChartSize } from './chart-frame';
import type { ChartTableData } from './chart-table';
import { plain } from './number-text';
import { StaleRail } from './stale-rail';
import { textWidth } from './text-fit';

/** One pooled activation in the plane of the direction (x) and the leading component across it (y). */
export interface ActivationPoint {
  x: number;
  y: number;
  positive: boolean;
  label: string;
}

export interface ActivationScatterOptions extends ChartSize {
  positiveLabel?: string;
  negativeLabel?: string;
  /** Index of the point under the pointer. */
  active?: number | null;
  stale?: boolean;
  onHover?: (index: number | null) => void;
}

const MARGIN = { top: 8, right: 8, bottom: 20, left: 8 };
const REACH_PX = 14;

/** Rows of the two classes: circles (aligned) and triangles (misaligned), their means, and the direction from one mean to the other. */
export function ActivationScatter({ data, ...options }: ActivationScatterOptions & { data: readonly ActivationPoint[] }) {
  const { width, height, positiveLabel = 'misaligned', negativeLabel = 'aligned', active = null, stale = false, onHover } = options;
  const drawn = data.filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
  if (drawn.length === 0) {
    return (
      <ChartEmpty width={width} height={height}>
        The two classes as dots. Needs a contrast.
      </ChartEmpty>
    );
  }
  const { x, y } = scales(drawn, width, height);
  const size = drawn.length > 600 ? 2 : drawn.length > 250 ? 2.6 : 3.2;
  const negative = drawn.filter((point) => !point.positive);
  const positive = drawn.filter((point) => point.positive);
  const circles = negative.map((point) => circlePath(x(point.x), y(point.y), size)).join('');
  const triangles = positive.map((point) => trianglePath(x(point.x), y(point.y), size)).join('');
  const from = centre(negative);
  const to = centre(positive);
  const near = (atX: number, atY: number) => {
    let best: number | null = null;
    let least = REACH_PX ** 2;
    data.forEach((point, index) => {
      const distance = (x(point.x) - atX) ** 2 + (y(point.y) - atY) ** 2;
      if (distance < least) [best, least] = [index, distance];
    });
    return best;
  };
  const chosen = active === null ? undefined : data[active];
  const axisY = height - 5;
  const both = textWidth(`○ ${negativeLabel}`) + textWidth(`▲ ${positiveLabel}`) + 12 < width;
  return (
    <ChartFrame
      title="Activations of the two classes"
      description={`${negative.length} ${negativeLabel} rows as circles, ${positive.length} ${positiveLabel} rows as triangles. Across: projection on the direction; up: the leading component across it.`}
      width={width}
      height={height}
      onPointerMove={onHover && ((atX, atY) => onHover(near(atX, atY)))}
      onPointerLeave={onHover && (() => onHover(null))}
    >
      <path d={`M${MARGIN.left} ${y(0)}H${width - MARGIN.right}M${x(0)} ${MARGIN.top}V${height - MARGIN.bottom}`} stroke="var(--line)" />
      <g opacity={stale ? 0.5 : 1}>
        <path d={circles} fill="none" stroke="var(--fair)" strokeWidth={1.3} />
        <path d={triangles} fill="var(--foul)" />
      </g>
      {from && to && <Arrow x1={x(from.x)} y1={y(from.y)} x2={x(to.x)} y2={y(to.y)} />}
      {from && (
        <path d={circlePath(x(from.x), y(from.y), 4)} fill="var(--ink)" stroke="var(--chart-surface, var(--bg))" strokeWidth={1.5} />
      )}
      {to && !from && (
        <path d={trianglePath(x(to.x), y(to.y), 5)} fill="var(--ink)" stroke="var(--chart-surface, var(--bg))" strokeWidth={1.5} />
      )}
      {chosen && <circle cx={x(chosen.x)} cy={y(chosen.y)} r={7} fill="none" stroke="var(--ink)" strokeWidth={2} />}
      {stale && <StaleRail x={width - 6} top={MARGIN.top} bottom={height - MARGIN.bottom} />}
      {both && (
        <text x={MARGIN.left} y={axisY}>
          <tspan fill="var(--fair)">○</tspan> {negativeLabel}
        </text>
      )}
      <text x={width - MARGIN.right} y={axisY} textAnchor="end">
        <tspan fill="var(--foul)">▲</tspan> {positiveLabel}
      </text>
    </ChartFrame>
  );
}

function scales(points: readonly ActivationPoint[], width: number, height: number) {
  const span = (values: number[]): [number, number] => {
    const [low = 0, high = 1] = extent([...values, 0]) as [number, number];
    const pad = (high - low || 1) * 0.06;
    return [low - pad, high + pad];
  };
  return {
    x: scaleLinear(span(points.map((point) => point.x)), [MARGIN.left, width - MARGIN.right]),
    y: scaleLinear(span(points.map((point) => point.y)), [height - MARGIN.bottom, MARGIN.top]),
  };
}

function centre(points: readonly ActivationPoint[]): { x: number; y: number } | null {
  if (points.length === 0) return null;
  const sum = points.reduce((held, point) => ({ x: held.x + point.x, y: held.y + point.y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

/** From the mean of one class to the mean of the other, with a rim so that it stands out of the marks. */
function Arrow({ x1, y1, x2, y2 }: { x1: number; y1: number; x2: number; y2: number }) {
  const length = Math.hypot(x2 - x1, y2 - y1);
  if (length < 4) return null;
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  const head = Math.min(10, length);
  const [bx, by] = [x2 - ux * head, y2 - uy * head];
  const barb = `M${x2} ${y2}L${bx - uy * 4.5} ${by + ux * 4.5}L${bx + uy * 4.5} ${by - ux * 4.5}Z`;
  return (
    <>
      <path d={`M${x1} ${y1}L${bx} ${by}`} stroke="var(--chart-surface, var(--bg))" strokeWidth={5} />
      <path d={barb} fill="var(--ink)" stroke="var(--chart-surface, var(--bg))" strokeWidth={2.5} paintOrder="stroke" />
      <path d={`M${x1} ${y1}L${bx} ${by}`} stroke="var(--ink)" strokeWidth={2} />
    </>
  );
}

const round = (value: number) => Math.round(value * 10) / 10;
const circlePath = (x: number, y: number, r: number) =>
  `M${round(x - r)} ${round(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
const trianglePath = (x: number, y: number, r: number) => `M${round(x)} ${round(y - r * 1.2)}l${r * 1.15} ${r * 2.1}h${-2.3 * r}z`;

/** One row a point. */
export function activationScatterTable(
  data: readonly ActivationPoint[],
  names: Pick<ActivationScatterOptions, 'positiveLabel' | 'negativeLabel'> = {},
): ChartTableData {
  return {
    caption: 'Projection of each row on the direction and on the leading component across it.',
    columns: [{ label: 'row' }, { label: 'class' }, { label: 'projection', figure: true }, { label: 'across', figure: true }],
    rows: data.map((point) => [
      point.label,
      point.positive ? (names.positiveLabel ?? 'misaligned') : (names.negativeLabel ?? 'aligned'),
      plain(point.x, 3),
      plain(point.y, 3),
    ]),
  };
}
