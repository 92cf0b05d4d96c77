import { ChartFrame, type ChartSize } from './chart-frame';
import { FAIR_FOUL_REACH } from './fair-foul';
import { signed } from './number-text';

/** One token's projection at each hook point, from first to last, in standard deviations; NaN where not read. */
export interface TokenProfileData {
  token: string;
  hookPoints: string[];
  values: number[];
}

/** One token over the layers: a bar a hook point, the first at the left, up toward misaligned in orange, down toward aligned in blue. */
export function TokenProfile({ data, width = 200, height = 64 }: Partial<ChartSize> & { data: TokenProfileData }) {
  const [left, top, bottom] = [24, 6, height - 16];
  const middle = (top + bottom) / 2;
  const step = (width - left - 4) / Math.max(1, data.values.length);
  const largest = data.values.reduce((most, value) => (Number.isNaN(value) ? most : Math.max(most, Math.abs(value))), 0);
  // The tint ends at its reach, this scale does not: strong words differ from layer to layer too.
  const reach = Math.max(FAIR_FOUL_REACH, Math.ceil(largest));
  const y = (value: number) => middle - (value / reach) * ((bottom - top) / 2);
  const bars = data.values
    .map((value, at) => ({ value, hookPoint: data.hookPoints[at] ?? String(at), x: left + (at + 0.1) * step }))
    .filter((bar) => !Number.isNaN(bar.value));
  const strongest = bars.reduce<(typeof bars)[number] | null>(
    (held, bar) => (held && Math.abs(held.value) >= Math.abs(bar.value) ? held : bar),
    null,
  );
  return (
    <ChartFrame
      title={`Projection of “${data.token.trim()}” over layers`}
      description={
        strongest ? `${bars.length} hook points; strongest ${signed(strongest.value, 1)} σ at ${strongest.hookPoint}.` : 'Not read.'
      }
      width={width}
      height={height}
    >
      <path d={`M${left} ${middle}H${width - 4}`} stroke="var(--edge)" />
      {bars.map((bar) => (
        <rect
          key={bar.hookPoint}
          x={bar.x}
          y={Math.min(middle, y(bar.value))}
          width={step * 0.8}
          height={Math.max(1, Math.abs(y(bar.value) - middle))}
          fill={bar.value > 0 ? 'var(--foul)' : 'var(--fair)'}
        />
      ))}
      <text x={left - 5} y={top + 8} textAnchor="end">
        {`+${reach}`}
      </text>
      <text x={left - 5} y={bottom} textAnchor="end">
        {`−${reach}`}
      </text>
      <text x={left} y={height - 3}>
        {axisName(data.hookPoints[0])}
      </text>
      {data.hookPoints.length > 1 && (
        <text x={width - 4} y={height - 3} textAnchor="end">
          {axisName(data.hookPoints.at(-1))}
        </text>
      )}
    </ChartFrame>
  );
}

function axisName(hookPoint: string | undefined): string {
  return (hookPoint ?? '').replace(/\.hook_resid_post$/, '').replace(/\.hook_(resid_\w+)$/, ' $1');
}
