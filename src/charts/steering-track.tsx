import { scaleLinear } from 'd3-scale';
import { area, curveMonotoneX, line } from 'd3-shape';
import { useId } from 'react';
import { ChartFrame, type ChartSize, RimText } from './chart-frame';
import type { ChartTableData } from './chart-table';
import { estimateText } from './estimate';
import { signed, signedTick } from './number-text';
import { StaleRail } from './stale-rail';
import {
  ALIGNED_FROM,
  incoherentRanges,
  interpolate,
  MISALIGNED_TO,
  type ScoredPoint,
  type SweepCurvePoint,
  type SweepScoreName,
  scoredPoints,
} from './sweep-curve';
import { textWidth } from './text-fit';

export interface SteeringTrackOptions extends ChartSize {
  min: number;
  max: number;
  /** The coefficient that is set. */
  value: number;
  /** The coefficient that the scores on screen are from, when it is another. */
  staleValue?: number | null;
  /** Recorded stops that the thumb walks over when no model is loaded. */
  stops?: readonly number[] | null;
  /** The sweep was made with another direction or other blocks. */
  staleSweep?: boolean;
  /** What the sweep is of. */
  score?: SweepScoreName;
  fontSize?: number;
}

/** Room left of the least and right of the greatest coefficient, in px: a range input laid over the track spans `width - 2 * TRACK_INSET` plus its thumb. */
export const TRACK_INSET = 16;

/**
 * The track of a steering slider, which is what the sweep found: alignment (thick, its interval as a band), coherence (dashed),
 * the zone of incoherence (shaded), and a thumb whose flag points where it pushes. Draws no control: lay a range input over it.
 */
export function SteeringTrack({ data, ...options }: SteeringTrackOptions & { data: readonly SweepCurvePoint[] }) {
  const { width, height, min, max, value, staleValue = null, stops, staleSweep = false, score = 'alignment', fontSize = 11 } = options;
  const id = useId();
  const x = scaleLinear([min, max], [TRACK_INSET, width - TRACK_INSET]);
  const clampX = (coefficient: number) => x(Math.max(min, Math.min(max, coefficient)));
  const railY = height - fontSize - 16;
  const plotBottom = railY - 14;
  const y = scaleLinear([0, 100], [plotBottom, fontSize + 4]);
  const points = scoredPoints(data).filter((point) => point.coefficient >= min && point.coefficient <= max);
  const hasCurve = points.length > 1 && plotBottom > 24;
  const zones = hasCurve ? incoherentRanges(points) : [];
  const now = hasCurve ? interpolate(points, value, (point) => point.alignment.mean) : null;
  const nowCoherence = hasCurve ? interpolate(points, value, (point) => point.coherence?.mean ?? null) : null;
  const pushes = value > 0 ? 'misaligned' : 'aligned';
  const description = `Coefficient ${signed(value)} on a track from ${signedTick(min)} to ${signedTick(max)}${value === 0 ? '' : `, pushing toward ${pushes}`}. ${
    now === null
      ? data.length > 0
        ? 'The sweep has no figure there.'
        : 'No sweep has been measured here.'
      : `The sweep found ${score} ${Math.round(now)}${nowCoherence === null ? '' : ` and coherence ${Math.round(nowCoherence)}`} there.`
  }`;
  const overhang = Math.max(0, textWidth(signedTick(min), fontSize) / 2 - TRACK_INSET);
  const origin = clampX(0);
  const ticks = trackTicks(x.ticks(Math.max(2, Math.floor(width / (fontSize * 9)))), min, max);
  return (
    <ChartFrame title="Steering coefficient" description={description} width={width} height={height} fontSize={fontSize}>
      {hasCurve && (
        <g opacity={staleSweep ? 0.5 : 1}>
          {zones.map(([from, to]) => (
            <rect
              key={from}
              x={x(from)}
              y={y(100) - 2}
              width={x(to) - x(from)}
              height={plotBottom - y(100) + 2}
              fill="var(--raise)"
              stroke="var(--line)"
            />
          ))}
          {score === 'alignment' &&
            [ALIGNED_FROM, MISALIGNED_TO].map((line) => (
              <path key={line} d={`M${x(min)} ${y(line)}H${x(max)}`} stroke="var(--line)" strokeDasharray="2 3" />
            ))}
          <Curves points={points} x={x} y={y} gradientId={score === 'alignment' ? `${id}hue` : null} />
        </g>
      )}
      <path d={`M${origin} ${hasCurve ? y(100) - 2 : railY - 8}V${railY + 6}`} stroke="var(--edge)" />
      {staleValue !== null && staleValue >= min && staleValue <= max && (
        <path
          d={`M${x(staleValue)} ${hasCurve ? y(100) - 2 : railY - 10}V${railY}`}
          stroke="var(--ink2)"
          strokeWidth={1.5}
          strokeDasharray="3 3"
        />
      )}
      <path d={`M${x(min)} ${railY}H${x(max)}`} stroke="var(--edge)" strokeWidth={4} strokeLinecap="round" />
      {value !== 0 && (
        <path d={`M${origin} ${railY}H${clampX(value)}`} stroke={value > 0 ? 'var(--foul)' : 'var(--fair)'} strokeWidth={4} />
      )}
      {stops?.map((stop) => (
        <path key={stop} d={`M${clampX(stop)} ${railY - 6}v12`} stroke="var(--ink2)" strokeWidth={1.5} />
      ))}
      {ticks.map((tick) => (
        <g key={tick}>
          <path d={`M${x(tick)} ${railY + 5}v4`} stroke="var(--edge)" />
          <text x={x(tick)} y={height - 4} textAnchor="middle" dx={tick === min ? overhang : tick === max ? -overhang : 0}>
            {signedTick(tick)}
          </text>
        </g>
      ))}
      {staleSweep && hasCurve && <StaleRail x={width - 9} top={y(100)} bottom={plotBottom} />}
      {hasCurve && <path d={`M${clampX(value)} ${y(100) - 2}V${railY}`} stroke="var(--ink)" strokeWidth={2} />}
      {hasCurve && <CurveLabels {...{ points, x, y, value, min, max, zones, staleValue, fontSize, score }} />}
      {nowCoherence !== null && (
        <circle
          cx={clampX(value)}
          cy={y(nowCoherence)}
          r={3.5}
          fill="var(--chart-surface, var(--bg))"
          stroke="var(--ink)"
          strokeWidth={1.5}
        />
      )}
      {now !== null && (
        <circle cx={clampX(value)} cy={y(now)} r={4} fill="var(--ink)" stroke="var(--chart-surface, var(--bg))" strokeWidth={1.5} />
      )}
      <Thumb x={clampX(value)} y={railY} push={Math.sign(value)} scale={fontSize / 11} />
    </ChartFrame>
  );
}

type Scale = (value: number) => number;

/** The curves; without a gradient the score says nothing of good and bad, and bears no hue. */
function Curves({ points, x, y, gradientId }: { points: ScoredPoint[]; x: Scale; y: Scale; gradientId: string | null }) {
  const hue = gradientId ? `url(#${gradientId})` : 'var(--ink2)';
  const band = area<ScoredPoint>(
    (point) => x(point.coefficient),
    (point) => y(point.alignment.low),
    (point) => y(point.alignment.high),
  ).curve(curveMonotoneX);
  const alignment = line<ScoredPoint>(
    (point) => x(point.coefficient),
    (point) => y(point.alignment.mean),
  ).curve(curveMonotoneX);
  const coherence = line<ScoredPoint>(
    (point) => x(point.coefficient),
    (point) => y(point.coherence?.mean ?? 0),
  )
    .defined((point) => point.coherence !== null)
    .curve(curveMonotoneX);
  return (
    <>
      {gradientId && (
        <linearGradient id={gradientId} gradientUnits="userSpaceOnUse" x1={0} x2={0} y1={y(100)} y2={y(0)}>
          <stop offset="0.28" stopColor="var(--fair)" />
          <stop offset="0.38" stopColor="var(--ink2)" />
          <stop offset="0.62" stopColor="var(--ink2)" />
          <stop offset="0.72" stopColor="var(--foul)" />
        </linearGradient>
      )}
      <path d={band(points) ?? ''} fill={hue} fillOpacity={0.28} />
      <path d={coherence(points) ?? ''} fill="none" stroke="var(--ink2)" strokeWidth={1.5} strokeDasharray="4 3" />
      <path d={alignment(points) ?? ''} fill="none" stroke={hue} strokeWidth={3} />
    </>
  );
}

interface LabelProps {
  points: ScoredPoint[];
  x: Scale;
  y: Scale;
  value: number;
  min: number;
  max: number;
  zones: Array<[number, number]>;
  staleValue: number | null;
  fontSize: number;
  score: SweepScoreName;
}

/** Names of the two curves beside the thumb, on the side where there is room; none where two would lie on one another. */
function CurveLabels({ points, x, y, value, min, max, zones, staleValue, fontSize, score }: LabelProps) {
  const at = Math.max(min, Math.min(max, value));
  const alignment = interpolate(points, at, (point) => point.alignment.mean);
  const coherence = interpolate(points, at, (point) => point.coherence?.mean ?? null);
  const wide = Math.max(textWidth(score, fontSize) * 1.06, textWidth('coherence', fontSize)) + 8;
  const anchor = x(at) - wide > x(min) ? ('end' as const) : ('start' as const);
  const dx = anchor === 'end' ? -7 : 7;
  const apart = alignment === null || coherence === null || Math.abs(y(alignment) - y(coherence)) > fontSize + 3;
  const upper = y(100) - 5;
  // The label stands above its own curve over its whole length.
  const side = anchor === 'end' ? -1 : 1;
  const under = [0, 0.25, 0.5, 0.75, 1].flatMap((part) => {
    const reach = at + ((side * part * wide) / (x(max) - x(min))) * (max - min);
    return interpolate(points, reach, (point) => point.coherence?.mean ?? null) ?? [];
  });
  const coherenceTop = y(Math.max(...under, coherence ?? 0));
  const zoneWide = textWidth('incoherent', fontSize);
  const zone = zones.find(([from, to]) => x(to) - x(from) > zoneWide * 0.6);
  const zoneRight = zone ? Math.max(x(zone[1]), x(zone[0]) + zoneWide) : 0;
  const [labelLeft, labelRight] = anchor === 'end' ? [x(at) - wide, x(at)] : [x(at), x(at) + wide];
  const clear = zone && (coherence === null || !apart || labelRight < zoneRight - zoneWide - 4 || labelLeft > zoneRight);
  const staleX = staleValue === null ? null : x(staleValue);
  const staleWide = staleValue === null ? 0 : textWidth(`was ${signed(staleValue)}`, fontSize) + 5;
  return (
    <>
      {zone && clear && (
        <RimText x={zoneRight} y={upper} anchor="end" fontSize={fontSize}>
          incoherent
        </RimText>
      )}
      {alignment !== null && (
        <RimText
          x={x(at) + dx}
          y={y(alignment) + (apart ? 4 : y(alignment) > y(50) ? -9 : fontSize + 7)}
          anchor={anchor}
          fontSize={fontSize}
          strong
        >
          {score}
        </RimText>
      )}
      {coherence !== null && apart && (
        <RimText x={x(at) + dx} y={Math.max(fontSize, coherenceTop - 5)} anchor={anchor} fontSize={fontSize}>
          coherence
        </RimText>
      )}
      {staleX !== null && staleValue !== null && Math.abs(staleX - x(at)) > 12 && (
        <RimText
          x={staleX + (staleX < x(at) ? -5 : 5)}
          y={y(0) + 8}
          anchor={staleX < x(at) ? (staleX > staleWide ? 'end' : 'start') : staleX + staleWide < x(max) + TRACK_INSET ? 'start' : 'end'}
          fontSize={fontSize}
        >
          {`was ${signed(staleValue)}`}
        </RimText>
      )}
    </>
  );
}

/** A post with a flag that points where it pushes; no flag at zero. */
function Thumb({ x, y, push, scale }: { x: number; y: number; push: number; scale: number }) {
  return (
    <g transform={`translate(${x} ${y}) scale(${scale})`} stroke="var(--chart-surface, var(--bg))" strokeWidth={1.5}>
      <rect x={-4} y={-11} width={8} height={22} rx={1.5} fill="var(--ink)" />
      {push !== 0 && <path d={`M${push * 5} -7l${push * 9} 7l${-push * 9} 7z`} fill={push > 0 ? 'var(--foul)' : 'var(--fair)'} />}
    </g>
  );
}

/** Ends, zero and the round values between that keep clear of them. */
function trackTicks(round: number[], min: number, max: number): number[] {
  const room = (max - min) * 0.14;
  const ends = min < 0 && max > 0 ? [min, 0, max] : [min, max];
  return [...ends, ...round.filter((tick) => ends.every((end) => Math.abs(tick - end) > room))].sort((a, b) => a - b);
}

/** One row a coefficient, then one a coefficient of a control's sweep, named by the control. */
export function sweepTable(
  data: readonly SweepCurvePoint[],
  options: { score?: SweepScoreName; controlSweep?: { label: string; points: readonly SweepCurvePoint[] } | null } = {},
): ChartTableData {
  const { score = 'alignment', controlSweep } = options;
  const row = (point: SweepCurvePoint, heading: string) => [heading, estimateText(point.alignment), estimateText(point.coherence)];
  return {
    caption: 'Scores by steering coefficient, with 95 % intervals and counts.',
    columns: [
      { label: 'coefficient', figure: true },
      { label: score, figure: true },
      { label: 'coherence', figure: true },
    ],
    rows: [
      ...data.map((point) => row(point, signed(point.coefficient))),
      ...(controlSweep?.points ?? []).map((point) => row(point, `${signed(point.coefficient)}, ${controlSweep?.label}`)),
    ],
  };
}
