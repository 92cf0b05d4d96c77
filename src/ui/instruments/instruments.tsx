import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { Messages } from '../banners/messages';
import { PHONE_QUERY, useMedia } from '../parts/use-media';
import { useActions, useApp } from '../store-context';
import './instruments.css';
import { CosinesPane } from './cosines-pane';
import { MapPane, ProfilePane } from './map-pane';
import type { InstrumentId } from './pane';
import { ScatterPane } from './scatter-pane';
import { SweepPane } from './sweep-pane';
import { useCover } from './use-cover';

const PANES: Record<InstrumentId, (props: { large?: boolean }) => ReactNode> = {
  map: MapPane,
  profile: ProfilePane,
  scatter: ScatterPane,
  cosines: CosinesPane,
  sweep: SweepPane,
};

/** On a phone the map has the width for itself. */
const PhoneMap = () => <MapPane alone />;

const TABS: ReadonlyArray<{ id: InstrumentId; label: string }> = [
  { id: 'map', label: 'Tokens' },
  { id: 'profile', label: 'Blocks' },
  { id: 'scatter', label: 'Rows' },
  { id: 'cosines', label: 'Cosines' },
  { id: 'sweep', label: 'Sweep' },
];

/** The four panes under the answers, one at a time on a phone; and the large view of one of them. */
export function Instruments() {
  const phone = useMedia(PHONE_QUERY);
  const enlarged = useApp((state) => state.session.enlarged);
  const section = useRef<HTMLElement>(null);
  return (
    <section ref={section} className={phone ? 'instruments tabbed' : 'instruments'} aria-label="Instruments">
      {phone ? (
        <InstrumentTabs />
      ) : (
        <>
          <MapPane />
          <ScatterPane />
          <CosinesPane />
          <SweepPane />
        </>
      )}
      {enlarged && <EnlargedPane key={enlarged} id={enlarged} section={section} />}
    </section>
  );
}

function EnlargedPane({ id, section }: { id: InstrumentId; section: RefObject<HTMLElement | null> }) {
  const { setSession } = useActions();
  const style = useCover(section);
  const placed = style.visibility === undefined;
  const Large = PANES[id];
  useEffect(() => {
    // What is not placed yet is hidden and takes no focus.
    if (placed) document.getElementById(`shrink-${id}`)?.focus();
  }, [id, placed]);
  useEffect(() => {
    return () => {
      requestAnimationFrame(() => document.getElementById(`enlarge-${id}`)?.focus());
    };
  }, [id]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    // Escape also cancels work; here it only leaves the large view.
    event.stopPropagation();
    event.nativeEvent.stopImmediatePropagation();
    setSession({ enlarged: null });
  };
  return (
    <section className="enlarged" aria-label="Large view" style={style} onKeyDown={onKeyDown}>
      <Messages layer="large" />
      <Large large />
    </section>
  );
}

const SWIPE_PX = 48;

function InstrumentTabs() {
  const [tab, setTab] = useState<InstrumentId>('map');
  const start = useRef<number | null>(null);
  const Shown = tab === 'map' ? PhoneMap : PANES[tab];
  const at = TABS.findIndex(({ id }) => id === tab);
  const go = (by: number, focus: boolean) => {
    const next = TABS[(at + by + TABS.length) % TABS.length];
    if (!next) return;
    setTab(next.id);
    if (focus) document.getElementById(`instrument-tab-${next.id}`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    go(event.key === 'ArrowRight' ? 1 : -1, true);
  };
  return (
    <>
      <div className="instrument-tabs" role="tablist" aria-label="Instruments" onKeyDown={onKeyDown}>
        {TABS.map(({ id, label }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`instrument-tab-${id}`}
            aria-selected={id === tab}
            aria-controls="instrument-panel"
            tabIndex={id === tab ? 0 : -1}
            onClick={() => setTab(id)}
          >
            {label}
          </button>
        ))}
      </div>
      <div
        id="instrument-panel"
        role="tabpanel"
        aria-labelledby={`instrument-tab-${tab}`}
        onTouchStart={(event) => {
          start.current = event.touches[0]?.clientX ?? null;
        }}
        onTouchEnd={(event) => {
          const moved = (event.changedTouches[0]?.clientX ?? 0) - (start.current ?? 0);
          if (start.current !== null && Math.abs(moved) > SWIPE_PX) go(moved < 0 ? 1 : -1, false);
          start.current = null;
        }}
      >
        <Shown />
      </div>
    </>
  );
}
