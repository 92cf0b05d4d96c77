import '../../src/ui/styles/index.css';
import './gallery.css';
import { createRoot } from 'react-dom/client';
import { createStore } from 'zustand/vanilla';
import type { AppState } from '../../src/store/state';
import { Instruments } from '../../src/ui/instruments/instruments';
import { StoreProvider } from '../../src/ui/store-context';
import { ChartGallery } from './chart-gallery';
import { sampleActions } from './sample-actions';
import { STATES } from './sample-states';

/** `?view=charts|instruments&state=…&theme=dark|light`: one picture's page. */
const query = new URLSearchParams(location.search);
const theme = query.get('theme') === 'light' ? 'light' : 'dark';
document.documentElement.dataset.theme = theme;

function Panel({ name }: { name: string }) {
  const state = STATES[name];
  if (!state) return <p>{`No such state: ${name}. There are ${Object.keys(STATES).join(', ')}.`}</p>;
  const store = createStore<AppState>(() => state());
  return (
    <StoreProvider store={store} actions={sampleActions(store)}>
      <header className="gallery-title">
        <h1>Instruments</h1>
      </header>
      <main className="gallery-zone">
        <Instruments />
      </main>
    </StoreProvider>
  );
}

const root = document.getElementById('root');
if (root) createRoot(root).render(query.get('view') === 'instruments' ? <Panel name={query.get('state') ?? 'full'} /> : <ChartGallery />);
