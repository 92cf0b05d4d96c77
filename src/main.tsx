import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { actions, appStore } from './store/app';
import { boot } from './store/boot';
import { createVane } from './store/scripting';
import { App } from './ui/app';
import { StoreProvider } from './ui/store-context';

window.vane = createVane(boot(), actions);

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <StoreProvider store={appStore} actions={actions}>
        <App />
      </StoreProvider>
    </StrictMode>,
  );
}
