import { type PointerEvent, type ReactNode, useId } from 'react';
import './charts.css';

/** Size in CSS px; charts draw one unit a px, so that text keeps its size. */
export interface ChartSize {
  width: number;
  height: number;
}

interface ChartFrameProps extends ChartSize {
  title: string;
  /** What the chart shows in words, for those who do not see it. */
  description: string;
  children: ReactNode;
  fontSize?: number;
  onPointerMove?: (x: number, y: number) => void;
  onPointerLeave?: () => void;
  onPick?: (x: number, y: number) => void;
}

/**
 * The SVG around every chart: an image with a title and a description, colours through CSS custom properties only,
 * so that a copy of the element with its variables resolved is a complete file.
 */
export function ChartFrame(props: ChartFrameProps) {
  const id = useId();
  const { width, height, fontSize = 11 } = props;
  const at = (handler: ((x: number, y: number) => void) | undefined) =>
    handler &&
    ((event: PointerEvent<SVGSVGElement>) => {
      const box = event.currentTarget.getBoundingClientRect();
      handler(((event.clientX - box.left) * width) / box.width, ((event.clientY - box.top) * height) / box.height);
    });
  return (
    <svg
      className="chart"
      role="img"
      aria-labelledby={`${id}title`}
      aria-describedby={`${id}description`}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      fontFamily="var(--sans, system-ui, sans-serif)"
      fontSize={fontSize}
      fill="var(--ink2)"
      onPointerMove={at(props.onPointerMove)}
      onPointerLeave={props.onPointerLeave}
      onPointerDown={at(props.onPick)}
    >
      <title id={`${id}title`}>{props.title}</title>
      <desc id={`${id}description`}>{props.description}</desc>
      {props.children}
    </svg>
  );
}

/** Text with a rim of the surface's colour, so that marks behind it do not cross the letters. */
export function RimText(props: {
  x: number;
  y: number;
  anchor?: 'start' | 'middle' | 'end';
  strong?: boolean;
  color?: string;
  fontSize?: number;
  children: string;
}) {
  return (
    <text
      x={props.x}
      y={props.y}
      textAnchor={props.anchor ?? 'start'}
      fontWeight={props.strong ? 600 : 400}
      fontSize={props.fontSize}
      fill={props.color ?? (props.strong ? 'var(--ink)' : 'var(--ink2)')}
      stroke="var(--chart-surface, var(--bg))"
      strokeWidth={3}
      strokeLinejoin="round"
      paintOrder="stroke"
    >
      {props.children}
    </text>
  );
}

/** What stands where a chart has nothing to draw: what it will show, and what it needs. */
export function ChartEmpty(props: Partial<ChartSize> & { children: ReactNode }) {
  return (
    <p className="chart-empty" style={{ width: props.width, height: props.height }}>
      {props.children}
    </p>
  );
}
