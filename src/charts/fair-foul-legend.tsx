import { ChartFrame } from './chart-frame';
import { FAIR_FOUL_BIN_COUNT, FAIR_FOUL_VARIABLES } from './fair-foul';

/** The nine bins side by side as tokens wear them, aligned at the left; words at its ends are the caller's. */
export function FairFoulLegend({ cellWidth = 13, height = 12 }: { cellWidth?: number; height?: number }) {
  const width = cellWidth * FAIR_FOUL_BIN_COUNT + 2;
  return (
    <ChartFrame
      title="Projection scale"
      description="Nine colours from −4 standard deviations (aligned, blue, the outer two with a line above) to +4 (misaligned, orange, the outer two with a line below)."
      width={width}
      height={height + 2}
    >
      {FAIR_FOUL_VARIABLES.map((variable, bin) => (
        <rect key={variable} x={1 + bin * cellWidth} y={1} width={cellWidth} height={height} fill={`var(${variable})`} />
      ))}
      <rect x={1} y={1} width={2 * cellWidth} height={2} fill="var(--fair)" />
      <rect x={1 + (FAIR_FOUL_BIN_COUNT - 2) * cellWidth} y={height - 1} width={2 * cellWidth} height={2} fill="var(--foul)" />
      <rect x={0.5} y={0.5} width={width - 1} height={height + 1} fill="none" stroke="var(--edge)" />
    </ChartFrame>
  );
}
