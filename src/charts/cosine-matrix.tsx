import { ChartEmpty, ChartFrame, type ChartSize } from './chart-frame';
import type { ChartTableData } from './chart-table';
import { plain, signedShare } from './number-text';
import { fitText, textWidth } from './text-fit';

/** Cosines of directions at one hook point; `values` is `[names][names]`, symmetric. */
export interface CosineMatrixData {
  names: string[];
  values: number[][];
  hookPoint: string;
}

export interface CosineMatrixOptions extends ChartSize {
  active?: { row: number; column: number } | null;
  onHover?: (cell: { row: number; column: number } | null) => void;
}

/** Ink over the surface by size of the cosine; chosen so that the figure in a cell has a contrast of at least 4.5 in both themes. */
const GREYS = [0.06, 0.18, 0.32, 0.7, 0.9];
const MARGIN = 4;

/** Lower triangle of cosines, grey by size with the sign written; names stand on the diagonal. */
export function CosineMatrix({ data, ...options }: CosineMatrixOptions & { data: CosineMatrixData | null }) {
  const { width, height, active, onHover } = options;
  const count = data?.names.length ?? 0;
  if (!data || count < 2) {
    return (
      <ChartEmpty width={width} height={height}>
        How alike two directions are. Needs two.
      </ChartEmpty>
    );
  }
  const room = (name: string, at: number) => (width - 2 * MARGIN - 6 - Math.min(width * 0.45, textWidth(name) * 1.06)) / Math.max(1, at);
  const cell = Math.max(4, Math.min(44, (height - 2 * MARGIN) / count, ...data.names.map(room)));
  const row = (index: number) => MARGIN + index * cell;
  const digits = cell >= 25 ? 2 : 1;
  const withFigures = cell >= 20;
  const withNames = cell >= 12;
  const cells = data.names.flatMap((_, at) =>
    data.names.slice(0, at).map((__, column) => ({ row: at, column, value: data.values[at]?.[column] ?? Number.NaN })),
  );
  // Two directions may carry one name; the place on the diagonal tells them apart.
  const diagonal = data.names.map((name, at) => ({ name, at, key: `${at},${name}` }));
  const cellAt = (x: number, y: number) => {
    const at = { row: Math.floor((y - MARGIN) / cell), column: Math.floor((x - MARGIN) / cell) };
    return at.row < count && at.column >= 0 && at.column < at.row ? at : null;
  };
  return (
    <ChartFrame
      title="Cosines between directions"
      description={`${count} directions at ${data.hookPoint}: ${cells
        .slice(0, 12)
        .map((one) => `${data.names[one.row]} and ${data.names[one.column]} ${plain(one.value, 2)}`)
        .join('; ')}.`}
      width={width}
      height={height}
      onPointerMove={onHover && ((x, y) => onHover(cellAt(x, y)))}
      onPointerLeave={onHover && (() => onHover(null))}
    >
      {cells.map((one) => {
        const step = Math.min(GREYS.length - 1, Math.floor(Math.abs(one.value) * GREYS.length)) || 0;
        const [x, y] = [MARGIN + one.column * cell, row(one.row)];
        const chosen = active?.row === one.row && active.column === one.column;
        return (
          <g key={`${one.row},${one.column}`}>
            <rect x={x + 0.5} y={y + 0.5} width={cell - 1} height={cell - 1} fill="var(--ink)" fillOpacity={GREYS[step]} />
            {chosen && <rect x={x + 1} y={y + 1} width={cell - 2} height={cell - 2} fill="none" stroke="var(--ink)" strokeWidth={2} />}
            {withFigures ? (
              <text
                x={x + cell / 2}
                y={y + cell / 2 + 4}
                textAnchor="middle"
                fill={step >= 3 ? 'var(--chart-surface, var(--bg))' : 'var(--ink)'}
              >
                {Number.isNaN(one.value) ? '' : signedShare(one.value, digits)}
              </text>
            ) : (
              one.value < 0 &&
              cell >= 8 && (
                <path
                  d={`M${x + cell * 0.28} ${y + cell / 2}h${cell * 0.44}`}
                  stroke={step >= 3 ? 'var(--chart-surface, var(--bg))' : 'var(--ink)'}
                  strokeWidth={1.5}
                />
              )
            )}
          </g>
        );
      })}
      {withNames &&
        diagonal.map(({ name, at, key }) => (
          <text key={key} x={MARGIN + at * cell + (at === 0 ? 2 : 5)} y={row(at) + cell / 2 + 4} fontWeight={600} fill="var(--ink)">
            {fitText(name, (width - MARGIN - at * cell - 8) / 1.06)}
          </text>
        ))}
    </ChartFrame>
  );
}

/** The whole square matrix. */
export function cosineMatrixTable(data: CosineMatrixData): ChartTableData {
  return {
    caption: `Cosine between directions at ${data.hookPoint}.`,
    columns: [
      { label: 'direction' },
      ...data.names.map((name, at) => ({ label: data.names.indexOf(name) === at ? name : `${name} (${at + 1})`, figure: true })),
    ],
    rows: data.names.map((name, at) => [name, ...data.names.map((_, column) => plain(data.values[at]?.[column] ?? Number.NaN, 3))]),
  };
}
