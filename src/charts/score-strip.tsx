import { ChartFrame } from './chart-frame';
import { alignmentColor, type ChartEstimate, estimateText, known } from './estimate';
import { ALIGNED_FROM, MISALIGNED_TO } from './sweep-curve';

/** One score of a condition on the ruler. */
export interface ScoreMark {
  /** Short name under the mark, such as `align`. */
  label: string;
  estimate: ChartEstimate;
  /** The main score is filled, the others are in outline. */
  emphasis: boolean;
  /** A main score that is no alignment, such as a rule's, is ink: blue and orange mean aligned and misaligned alone. */
  plain?: boolean;
}

export interface ScoreControlMark {
  label: string;
  estimate: ChartEstimate;
  /** Index of the score it belongs to. */
  mark: number;
}

export interface ScoreRulerOptions {
  width?: number;
  pixelsPerPoint?: number;
  fontSize?: number;
}

export interface ScoreBlockOptions extends ScoreRulerOptions {
  controls?: readonly ScoreControlMark[];
  stale?: boolean;
  /** Names under the marks. */
  labels?: boolean;
  /** Name of the condition, for the description. */
  name?: string;
}

/** Room above 100, so that the uppermost label keeps its height. */
export const SCORE_TOP = 8;

/** Height in px of a ruler block, with or without the names under it. */
export function scoreBlockHeight(pixelsPerPoint = 1, labels = true, fontSize = 11): number {
  return SCORE_TOP + 100 * pixelsPerPoint + (labels ? fontSize + 7 : 4);
}

/** The ruler's figures 0, 30, 70 and 100, for the gutter left of the blocks. */
export function ScoreAxis({ width = 30, pixelsPerPoint = 1, fontSize = 11 }: ScoreRulerOptions) {
  const height = scoreBlockHeight(pixelsPerPoint, true, fontSize);
  return (
    <ChartFrame title="Score ruler" description="0 to 100, with lines at 30 and 70." width={width} height={height} fontSize={fontSize}>
      {[100, ALIGNED_FROM, MISALIGNED_TO, 0].map((score) => (
        <text key={score} x={width - 5} y={SCORE_TOP + (100 - score) * pixelsPerPoint + fontSize * 0.36} textAnchor="end">
          {score}
        </text>
      ))}
    </ChartFrame>
  );
}

/** One condition's scores upright on a ruler of 0 to 100: box = 95 % interval, notch = mean, grey crosses = controls. */
export function ScoreBlock({ data, ...options }: ScoreBlockOptions & { data: readonly ScoreMark[] }) {
  const { width = 84, pixelsPerPoint = 1, fontSize = 11, controls = [], stale = false, labels = true, name } = options;
  const y = (score: number) => SCORE_TOP + (100 - score) * pixelsPerPoint;
  const x = (mark: number) => ((mark + 0.5) / Math.max(1, data.length)) * width;
  const spoken = [
    ...data.map((mark) => `${mark.label} ${estimateText(mark.estimate)}`),
    ...controls.map((control) => `control ${control.label} ${estimateText(control.estimate)}`),
  ];
  return (
    <ChartFrame
      title={name ? `Scores of ${name}` : 'Scores'}
      description={`${spoken.join('; ')}${stale ? '; of a setting that is no longer set' : ''}.`}
      width={width}
      height={scoreBlockHeight(pixelsPerPoint, labels, fontSize)}
      fontSize={fontSize}
    >
      {[100, ALIGNED_FROM, MISALIGNED_TO, 0].map((score) => (
        <path
          key={score}
          d={`M0 ${y(score)}H${width}`}
          stroke={score % 100 ? 'var(--edge)' : 'var(--line)'}
          strokeDasharray={score % 100 ? '3 3' : undefined}
        />
      ))}
      {controls.map((control) => {
        const estimate = known(control.estimate);
        if (!estimate) return null;
        const centre = x(control.mark) + 11 * Math.max(1, pixelsPerPoint / 2);
        return (
          <path
            key={control.label}
            d={`M${centre} ${y(estimate.high)}V${y(estimate.low)}M${centre - 4} ${y(estimate.mean)}h8`}
            stroke="var(--edge)"
            strokeWidth={1.5}
          />
        );
      })}
      {data.map((mark, at) => (
        <g key={mark.label}>
          <Box mark={mark} x={x(at)} y={y} stale={stale} scale={Math.max(1, pixelsPerPoint * 0.75)} />
          {labels && (
            <text x={x(at)} y={y(0) + fontSize + 3} textAnchor="middle">
              {width / data.length < LABEL_WIDTH ? mark.label.slice(0, 3) : mark.label}
            </text>
          )}
        </g>
      ))}
    </ChartFrame>
  );
}

/** Less than this for each mark, in px, and the names under them touch. */
const LABEL_WIDTH = 25;

/** A box that is lower would lie under its own notch. */
const LEAST_BOX_PX = 3;

function Box({ mark, x, y, stale, scale }: { mark: ScoreMark; x: number; y: (score: number) => number; stale: boolean; scale: number }) {
  const estimate = known(mark.estimate);
  if (!estimate) return null;
  const half = (mark.emphasis ? 5 : 3.5) * scale;
  const notch = (mark.emphasis ? 8 : 5.5) * scale;
  const color = stale ? 'var(--ink3)' : mark.emphasis ? (mark.plain ? 'var(--ink)' : alignmentColor(estimate.mean)) : 'var(--ink2)';
  const filled = mark.emphasis && !stale;
  const height = y(estimate.low) - y(estimate.high);
  return (
    <>
      {height >= LEAST_BOX_PX && (
        <rect
          x={x - half}
          y={y(estimate.high)}
          width={2 * half}
          height={height}
          fill={filled ? color : 'none'}
          fillOpacity={filled ? 0.5 : undefined}
          stroke={filled ? 'none' : color}
          strokeWidth={1.25}
          strokeDasharray={stale ? '3 2' : undefined}
        />
      )}
      <path d={`M${x - notch} ${y(estimate.mean)}h${2 * notch}`} stroke={color} strokeWidth={(mark.emphasis ? 2.5 : 1.75) * scale} />
    </>
  );
}
