import { extent } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { area, curveMonotoneX, line } from 'd3-shape';
import { ChartEmpty, ChartFrame, type ChartSize, RimText } from './chart-frame';
import { type ChartEstimate, type KnownEstimate, known } from './estimate';
import { type LabelBox, labelBox, markBox, placeLabels } from './label-placement';
import { signed, signedTick } from './number-text';
import { StaleRail } from './stale-rail';
import {
  ALIGNED_FROM,
  COHERENCE_FLOOR,
  interpolate,
  MISALIGNED_TO,
  type ScoredPoint,
  type SweepCurvePoint,
  type SweepScoreName,
  scoredPoints,
} from './sweep-curve';
import { controlLabel, valueBox, valueLabel } from './sweep-labels';

export type { SweepCurvePoint } from './sweep-curve';

/** One control at the coefficient that is set: the same operation with another vector. */
export interface ControlMark {
  label: string;
  alignment: ChartEstimate;
  coherence: ChartEstimate;
}

export interface SweepFrontierOptions extends ChartSize {
  /** What lies across: coherence (the frontier) or the coefficient. */
  across: 'coherence' | 'coefficient';
  /** The coefficient that is set, and what it is called there, such as `D`. */
  value?: number | null;
  valueLabel?: string;
  controls?: readonly ControlMark[];
  /** A control's own sweep, drawn as a grey band with its name. */
  controlSweep?: { label: string; points: readonly SweepCurvePoint[] } | null;
  stale?: boolean;
  /** What the sweep is of. */
  score?: SweepScoreName;
  /** What an empty chart says. */
  emptyText?: string;
}

const NO_SWEEP = 'What steering costs in coherence. Needs a sweep.';

const MARGIN = { top: 10, right: 14, bottom: 20, left: 26 };
/** From this width on, as in an enlarged pane or an exported file, the vertical axis bears its name; a small pane's caption says it. */
const NAMED_AXIS_WIDTH = 320;
const AXIS_NAME_ROOM = 18;

/** Alignment against coherence along a sweep (up and right is better), or both scores against the coefficient. */
export function SweepFrontier({ data, ...options }: SweepFrontierOptions & { data: readonly SweepCurvePoint[] }) {
  const { width, height, across, value = null, controls = [], controlSweep, stale = false, score = 'alignment' } = options;
  const points = scoredPoints(data).filter((point) => across === 'coefficient' || point.coherence !== null);
  if (points.length === 0) {
    return (
      <ChartEmpty width={width} height={height}>
        {options.emptyText ?? NO_SWEEP}
      </ChartEmpty>
    );
  }
  const [least = 0, greatest = 0] = extent(points, (point) => point.coefficient);
  const domain = across === 'coherence' ? [0, 100] : [Math.min(least, value ?? least), Math.max(greatest, value ?? greatest)];
  if (domain[0] === domain[1]) domain[1] = (domain[0] as number) + 1;
  const isNamed = width >= NAMED_AXIS_WIDTH;
  const left = MARGIN.left + (isNamed ? AXIS_NAME_ROOM : 0);
  const x = scaleLinear(domain, [left, width - MARGIN.right]);
  const y = scaleLinear([0, 100], [height - MARGIN.bottom, MARGIN.top]);
  const atX = (point: ScoredPoint) => x(across === 'coherence' ? (point.coherence?.mean ?? 0) : point.coefficient);
  const path = line<ScoredPoint>(atX, (point) => y(point.alignment.mean));
  const coherence = line<ScoredPoint>(
    (point) => x(point.coefficient),
    (point) => y(point.coherence?.mean ?? 0),
  ).defined((point) => point.coherence !== null);
  const band = area<ScoredPoint>(
    (point) => x(point.coefficient),
    (point) => y(point.alignment.low),
    (point) => y(point.alignment.high),
  );
  if (across === 'coefficient') for (const shape of [path, coherence, band]) shape.curve(curveMonotoneX);
  const alignmentNow = value === null ? null : interpolate(points, value, (point) => point.alignment.mean);
  const coherenceNow = value === null ? null : interpolate(points, value, (point) => point.coherence?.mean ?? null);
  const now =
    alignmentNow === null || (across === 'coherence' && coherenceNow === null)
      ? null
      : { x: x(across === 'coherence' ? (coherenceNow ?? 0) : (value ?? 0)), y: y(alignmentNow) };
  const nowText = `${options.valueLabel ? `${options.valueLabel} ` : ''}${signed(value ?? 0)}`;
  const nowLabel = now && valueLabel(now, nowText, left);
  const nowBoxes = now && nowLabel ? [valueBox(now, nowLabel)] : [];
  const controlPoints = scoredPoints(controlSweep?.points ?? []).filter((point) => across === 'coefficient' || point.coherence !== null);
  const controlName =
    controlSweep && controlPoints.length > 0
      ? controlLabel(
          controlSweep.label,
          {
            start: Math.max(left + 2, Math.min(...controlPoints.map(atX))),
            top: y(Math.max(...controlPoints.map((point) => point.alignment.mean))),
            right: width - 4,
            bottom: height - MARGIN.bottom,
          },
          nowBoxes,
        )
      : null;
  const lowest = points.reduce((held, point) => (point.alignment.mean < held.alignment.mean ? point : held));
  // A judge's own score has no lines that the papers draw.
  const scoreLines = score === 'alignment' ? [0, MISALIGNED_TO, ALIGNED_FROM, 100] : [0, 50, 100];
  const ticks = across === 'coherence' ? [0, COHERENCE_FLOOR, 100] : coefficientTicks(x.ticks(4), least, greatest);
  return (
    <ChartFrame
      title={across === 'coherence' ? `Sweep: ${score} against coherence` : 'Sweep: scores by coefficient'}
      description={`${points.length} coefficients from ${signedTick(least)} to ${signedTick(greatest)}; lowest ${score} ${Math.round(lowest.alignment.mean)} at ${signed(lowest.coefficient)} with coherence ${lowest.coherence ? Math.round(lowest.coherence.mean) : 'not scored'}.`}
      width={width}
      height={height}
    >
      {across === 'coherence' && score === 'alignment' && (
        <>
          <rect
            x={x(COHERENCE_FLOOR)}
            y={y(MISALIGNED_TO)}
            width={x(100) - x(COHERENCE_FLOOR)}
            height={y(0) - y(MISALIGNED_TO)}
            fill="var(--raise)"
            stroke="var(--line)"
          />
          <text x={x(COHERENCE_FLOOR) + 5} y={y(0) - 5}>
            EM
          </text>
        </>
      )}
      {scoreLines.map((line) => (
        <g key={line}>
          <path d={`M${x.range()[0]} ${y(line)}H${x.range()[1]}`} stroke="var(--line)" strokeDasharray={line % 100 ? '2 3' : undefined} />
          <text x={left - 6} y={y(line) + 4} textAnchor="end">
            {line}
          </text>
        </g>
      ))}
      {isNamed && (
        <text transform={`translate(12 ${(y(0) + y(100)) / 2}) rotate(-90)`} textAnchor="middle">
          {across === 'coherence' || points.every(({ coherence }) => coherence === null) ? score : `${score} (solid), coherence (dashed)`}
        </text>
      )}
      {controlName && (
        <>
          {across === 'coefficient' && <path d={band(controlPoints) ?? ''} fill="var(--edge)" fillOpacity={0.3} />}
          <path d={path(controlPoints) ?? ''} fill="none" stroke="var(--edge)" strokeWidth={1.5} strokeDasharray="4 3" />
          <RimText x={controlName.x} y={controlName.y} anchor={controlName.anchor}>
            {controlName.text}
          </RimText>
        </>
      )}
      <g opacity={stale ? 0.5 : 1}>
        {across === 'coefficient' && <path d={band(points) ?? ''} fill="var(--ink)" fillOpacity={0.16} />}
        {across === 'coefficient' && (
          <path d={coherence(points) ?? ''} fill="none" stroke="var(--ink2)" strokeWidth={1.5} strokeDasharray="4 3" />
        )}
        <path d={path(points) ?? ''} fill="none" stroke="var(--ink2)" strokeWidth={2} />
        {points.map((point) => (
          <g key={point.coefficient} stroke="var(--ink)">
            <path
              d={`M${atX(point)} ${y(point.alignment.low)}V${y(point.alignment.high)}${across === 'coherence' && point.coherence ? `M${x(point.coherence.low)} ${y(point.alignment.mean)}H${x(point.coherence.high)}` : ''}`}
              strokeOpacity={0.75}
            />
            <circle cx={atX(point)} cy={y(point.alignment.mean)} r={3} fill="var(--chart-surface, var(--bg))" strokeWidth={1.5} />
          </g>
        ))}
      </g>
      {controls.map((control) => (
        <ControlCross
          key={control.label}
          control={control}
          x={(coherence) => (across === 'coherence' ? x(coherence) : x(value ?? 0))}
          y={y}
          across={across}
        />
      ))}
      {across === 'coherence' && (
        <CoefficientLabels
          points={points}
          x={atX}
          y={(point) => y(point.alignment.mean)}
          taken={[...nowBoxes, ...(controlName ? [labelBox(controlName)] : [])]}
          bounds={{ left: left + 2, right: width - (stale ? 10 : 2), top: 0, bottom: height - MARGIN.bottom }}
        />
      )}
      {now && nowLabel && (
        <>
          <circle cx={now.x} cy={now.y} r={5} fill="var(--ink)" stroke="var(--chart-surface, var(--bg))" strokeWidth={1.5} />
          <RimText x={nowLabel.x} y={nowLabel.y} anchor={nowLabel.anchor} strong>
            {nowLabel.text}
          </RimText>
        </>
      )}
      {stale && <StaleRail x={width - 8} top={MARGIN.top} bottom={height - MARGIN.bottom} />}
      {ticks.map((tick) => (
        <text key={tick} x={x(tick)} y={height - 5} textAnchor={tick === ticks[0] ? 'start' : tick === ticks.at(-1) ? 'end' : 'middle'}>
          {across === 'coefficient' ? signedTick(tick) : tick === COHERENCE_FLOOR && width > 150 ? `coherence ${tick}` : tick}
        </text>
      ))}
    </ChartFrame>
  );
}

type Scale = (value: number) => number;

/** A thin grey cross: its arms are the intervals. */
function ControlCross({ control, x, y, across }: { control: ControlMark; x: Scale; y: Scale; across: 'coherence' | 'coefficient' }) {
  const alignment = known(control.alignment);
  const coherence = known(control.coherence);
  if (!alignment || (across === 'coherence' && !coherence)) return null;
  const middle = x(coherence?.mean ?? 0);
  const arms: KnownEstimate | null = across === 'coherence' ? coherence : null;
  const [left, right] = arms ? [Math.min(x(arms.low), middle - 4), Math.max(x(arms.high), middle + 4)] : [middle - 4, middle + 4];
  return (
    <path
      d={`M${middle} ${y(alignment.low)}V${y(alignment.high)}M${left} ${y(alignment.mean)}H${right}`}
      stroke="var(--edge)"
      strokeWidth={1.5}
    />
  );
}

/** Coefficients beside the points that have room for them: the ends first, then zero, then the rest. */
function CoefficientLabels(props: {
  points: ScoredPoint[];
  x: (point: ScoredPoint) => number;
  y: (point: ScoredPoint) => number;
  /** Boxes of other labels. */
  taken: readonly LabelBox[];
  bounds: LabelBox;
}) {
  const { points, x, y, taken, bounds } = props;
  const rank = (point: ScoredPoint) => (point === points.at(-1) ? 0 : point === points[0] ? 1 : point.coefficient === 0 ? 2 : 3);
  // A small chart names every other coefficient.
  const named = bounds.right < 300 ? points.filter((point, at) => rank(point) < 3 || at % 2 === 0) : points;
  const marks = [...named]
    .sort((a, b) => rank(a) - rank(b))
    .map((point) => ({ text: signedTick(point.coefficient), x: x(point), y: y(point) }));
  const middle = (bounds.left + bounds.right) / 2;
  const zoneLabel = { left: middle, right: middle + 30, top: bounds.bottom - 18, bottom: bounds.bottom };
  const labels = placeLabels(marks, [...points.map((point) => markBox(x(point), y(point))), ...taken, zoneLabel], bounds);
  return (
    <>
      {labels.map((label) => (
        <RimText key={label.text} x={label.x} y={label.y} anchor={label.anchor}>
          {label.text}
        </RimText>
      ))}
    </>
  );
}

function coefficientTicks(round: number[], least: number, greatest: number): number[] {
  const room = (greatest - least) * 0.18;
  const inner = round.filter((tick) => tick - least > room && greatest - tick > room);
  return least === greatest ? [least] : [least, ...inner, greatest];
}
