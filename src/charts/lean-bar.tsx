import { ALIGNMENT_SIDES, type SideNames } from '../core/direction';
import { ChartFrame, type ChartSize } from './chart-frame';
import { type ChartEstimate, known } from './estimate';
import { signed } from './number-text';

export interface LeanBarOptions extends Partial<ChartSize> {
  /** The scale's end on both sides, in nat/token. */
  reach?: number;
  /** What the ends are called; misaligned and aligned unless given. */
  sides?: SideNames;
  /** Of a setting that is no longer set. */
  stale?: boolean;
}

/** Lean as a bar from 0, right toward the positive side, with its interval as an ink line; nat/token. Fair and foul are of alignment alone. */
export function LeanBar({ data, ...options }: LeanBarOptions & { data: ChartEstimate | null }) {
  const { width = 120, height = 14, reach = 1, sides = ALIGNMENT_SIDES, stale = false } = options;
  const lean = known(data);
  const x = (value: number) => width / 2 + (Math.max(-reach, Math.min(reach, value)) / reach) * (width / 2 - 4);
  const middle = height / 2;
  const color = sides !== ALIGNMENT_SIDES ? 'var(--ink2)' : lean && lean.mean > 0 ? 'var(--foul)' : 'var(--fair)';
  const description = lean
    ? `${signed(lean.mean)} nat per token, interval ${signed(lean.low)} to ${signed(lean.high)}, on a scale of ${signed(-reach, 1)} (${sides.negative}) to ${signed(reach, 1)} (${sides.positive}).`
    : 'Not measured yet.';
  return (
    <ChartFrame title="Lean" description={description} width={width} height={height}>
      <path d={`M2 ${middle}H${width - 2}`} stroke="var(--line)" strokeWidth={2} />
      {lean && (
        <>
          <rect
            x={Math.min(x(0), x(lean.mean))}
            y={middle - 3.5}
            width={Math.abs(x(lean.mean) - x(0))}
            height={7}
            fill={stale ? 'none' : color}
            stroke={stale ? 'var(--edge)' : color}
            strokeDasharray={stale ? '3 2' : undefined}
          />
          <path d={`M${x(lean.low)} ${middle}H${x(lean.high)}`} stroke={stale ? 'var(--ink3)' : 'var(--ink)'} strokeWidth={2} />
        </>
      )}
      <path d={`M${x(0)} 0V${height}`} stroke="var(--edge)" strokeWidth={1.5} />
    </ChartFrame>
  );
}
