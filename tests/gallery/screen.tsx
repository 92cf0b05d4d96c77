import { createRoot } from 'react-dom/client';
import { createStore } from 'zustand/vanilla';
import type { AppState } from '../../src/store/state';
import { App } from '../../src/ui/app';
import { StoreProvider } from '../../src/ui/store-context';
import { sampleActions } from './sample-actions';
import { STATES } from './screen-states';

/** `?state=…&theme=dark|light`: the whole screen in one sample state, with `&late` its questions a moment later; all figures and answers are samples. */
const query = new URLSearchParams(location.search);
const state = (STATES[query.get('state') ?? 'main'] ?? STATES.main)?.();
const root = document.getElementById('root');
if (root && state) {
  const store = createStore<AppState>(() => ({
    ...state,
    session: { ...state.session, theme: query.get('theme') === 'light' ? 'light' : 'dark' },
  }));
  if (query.has('late')) {
    const { questions } = state.document;
    store.setState(({ document }) => ({ document: { ...document, questions: { ...questions, items: [] } } }));
    setTimeout(() => store.setState(({ document }) => ({ document: { ...document, questions } })), 100);
  }
  createRoot(root).render(
    <StoreProvider store={store} actions={sampleActions(store)}>
      <App />
    </StoreProvider>,
  );
}
