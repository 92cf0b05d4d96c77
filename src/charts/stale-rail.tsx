import { useId } from 'react';

/** The hatched rail of something that is not of the setting now: 6 px wide, for the edge of a chart. */
export function StaleRail({ x, top, bottom }: { x: number; top: number; bottom: number }) {
  const id = useId();
  return (
    <>
      <pattern id={id} width={5} height={5} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path d="M0 0V5" stroke="var(--edge)" strokeWidth={2.5} />
      </pattern>
      <rect x={x} y={top} width={6} height={bottom - top} fill={`url(#${id})`} />
    </>
  );
}
