/** One row a hook point, the last block on top; shared by the layer x token map, the separation profile and the range bracket. */
export interface BlockRows {
  rows: BlockRow[];
  rowHeight: number;
  top: number;
  bottom: number;
}

export interface BlockRow {
  hookPoint: string;
  /** Block index; -1 before the first block, nLayers after the last. */
  block: number;
  /** Short name for the axis, such as `6`, `6 mid` or `embed`. */
  label: string;
  /** Upper edge in px. */
  y: number;
  middle: number;
  /** Rows too thin for a label each leave some out. */
  labelled: boolean;
}

const LABEL_HEIGHT = 12;

/** Lays out hook points given from first to last, between `top` and `bottom` px. */
export function createBlockRows(hookPoints: readonly string[], top: number, bottom: number): BlockRows {
  const rowHeight = (bottom - top) / Math.max(1, hookPoints.length);
  const every = Math.max(1, Math.ceil(LABEL_HEIGHT / rowHeight));
  const rows = hookPoints.map((hookPoint, index) => {
    const y = bottom - (index + 1) * rowHeight;
    return {
      hookPoint,
      block: blockOf(hookPoint),
      label: rowLabel(hookPoint),
      y,
      middle: y + rowHeight / 2,
      labelled: index % every === 0,
    };
  });
  return { rows, rowHeight, top, bottom };
}

/** The row under a height in px, clamped to the first and last. */
export function rowAt(layout: BlockRows, y: number): BlockRow | undefined {
  const index = Math.floor((layout.bottom - y) / layout.rowHeight);
  return layout.rows[Math.max(0, Math.min(layout.rows.length - 1, index))];
}

/** The block of `blocks.N.hook_resid_…`; -1 for the embedding, Infinity for the final norm. */
export function blockOf(hookPoint: string): number {
  const match = /^blocks\.(\d+)\./.exec(hookPoint);
  if (match) return Number(match[1]);
  return hookPoint.startsWith('ln_final') ? Number.POSITIVE_INFINITY : -1;
}

function rowLabel(hookPoint: string): string {
  const match = /^blocks\.(\d+)\.hook_resid_(pre|mid|post)$/.exec(hookPoint);
  if (!match) return hookPoint === 'hook_embed' ? 'embed' : 'final';
  return match[2] === 'post' ? String(match[1]) : `${match[1]} ${match[2]}`;
}

/** Width in px that the row labels need at the left. */
export function rowLabelWidth(hookPoints: readonly string[]): number {
  const longest = Math.max(1, ...hookPoints.map((hookPoint) => rowLabel(hookPoint).length));
  return Math.ceil(longest * 6.4) + 8;
}
