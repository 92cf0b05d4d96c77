import { type ReactNode, useId, useRef, useState } from 'react';
import { ChartTable, type ChartTableData } from '../../charts/chart-table';
import type { SessionState } from '../../store/state';
import { useActions } from '../store-context';
import { ChartDownloads } from './chart-downloads';
import { type Box, useBox } from './use-box';

export type InstrumentId = NonNullable<SessionState['enlarged']>;

/** Smallest room in px in which a chart is drawn; below it, a pane shows its heading alone. */
const LEAST = { width: 60, height: 48 };

/** A scrolled region must be reachable by keyboard. */
const SCROLLED = { tabIndex: 0 };

interface PaneProps {
  id: InstrumentId;
  title: ReactNode;
  /** What is shown now: of which answer, how many rows, or the figure under the pointer. */
  caption: ReactNode;
  /** Covers answers and instruments, with its table and downloads. */
  large?: boolean;
  /** The figures behind the chart; null while there are none. */
  table: (() => ChartTableData) | null;
  /** A second heading at the right, for a chart that shares the pane. */
  second?: ReactNode;
  /** More controls of the large view. */
  controls?: ReactNode;
  /** A way to get the data, under the words of the empty chart. */
  remedy?: ReactNode;
  children: (box: Box) => ReactNode;
}

/** One instrument: a heading with what it shows, the chart at the pane's own size, and the way to its large view. */
export function Pane({ id, title, caption, large = false, table, second, controls, remedy, children }: PaneProps) {
  const { setSession } = useActions();
  const [plot, box] = useBox<HTMLDivElement>();
  const figure = useRef<HTMLElement>(null);
  const [asTable, setAsTable] = useState(false);
  const headingId = useId();
  const showTable = large && asTable && table !== null;
  return (
    <figure ref={figure} className={large ? 'pane large' : 'pane'} aria-labelledby={headingId}>
      <header className="pane-head">
        <h2 id={headingId}>{title}</h2>
        <span className="pane-caption">{caption}</span>
        {second && table && <EnlargeButton id={id} />}
        {second}
        {large ? (
          <span className="pane-tools">
            {controls}
            {table && (
              <>
                <button type="button" className="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
                  Show as table
                </button>
                {!showTable && <ChartDownloads figure={figure} name={id} />}
              </>
            )}
            <button type="button" className="button" id={`shrink-${id}`} onClick={() => setSession({ enlarged: null })}>
              Close
            </button>
          </span>
        ) : (
          !second && table && <EnlargeButton id={id} />
        )}
      </header>
      {showTable ? (
        <section className="pane-table" aria-label="Figures" {...SCROLLED}>
          <ChartTable data={table()} />
        </section>
      ) : (
        <div ref={plot} className={remedy ? 'pane-plot with-remedy' : 'pane-plot'}>
          {box && box.width >= LEAST.width && box.height >= LEAST.height && children(box)}
        </div>
      )}
      {!showTable && remedy}
    </figure>
  );
}

const NAMES: Record<InstrumentId, string> = {
  map: 'layer by token map',
  profile: 'separation by block',
  scatter: 'activations',
  cosines: 'cosines',
  sweep: 'sweep',
};

/** ⤢: opens the large view of an instrument. */
export function EnlargeButton({ id }: { id: InstrumentId }) {
  const { setSession } = useActions();
  const label = `Enlarge ${NAMES[id]}`;
  return (
    <button
      type="button"
      className="enlarge"
      id={`enlarge-${id}`}
      aria-label={label}
      title={label}
      onClick={() => setSession({ enlarged: id })}
    >
      <svg viewBox="0 0 14 14" aria-hidden="true">
        <path d="M8.5 2H12v3.5M12 2 8 6M5.5 12H2V8.5M2 12l4-4" />
      </svg>
    </button>
  );
}
