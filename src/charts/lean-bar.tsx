import { type ChartEstimate, known } from './estimate';
import { ChartFrame, type ChartSize } from './chart-frame';
import { signed } from './number-text';

export interface LeanBarOptions extends Partial<ChartSize> {
  /** The scale's end on both sides, in nat/token. */
  reach?: number;
  /** Of a setting that is no longer set. */
  stale?: boolean;
}

/** Lean as a bar from 0, right toward misaligned, with its interval as an ink line; nat/token. */
export function LeanBar({ data, width = 120, height = 14, reach = 1, stale = false }: LeanBarOptions & { data: ChartEstimate | null }) {
  const lean = known(data);
  const x = (value: number) => width / 2 + (Math.max(-reach, Math.min(reach, value)) / reach) * (width / 2 - 4);
  const middle = height / 2;
  const color = lean && lean.mean > 0 ? 'var(--foul)' : 'var(--fair)';
  const description = lean
    ? `${signed(lean.mean)} nat per token, interval ${signed(lean.low)} to ${signed(lean.high)}, on a scale of ${signed(-reach, 1)} (aligned) to ${signed(reach, 1)} (misaligned).`
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
