import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { AppState } from '../../src/store/state';
import { type Layer, Messages, topLayer } from '../../src/ui/banners/messages';
import { StoreProvider } from '../../src/ui/store-context';
import { sampleActions } from '../gallery/sample-actions';
import { STATES } from '../gallery/screen-states';

test('messages stand in the top layer alone: the sheet of a phone, else the large view, else the page', () => {
  expect(topLayer({ dialog: null, enlarged: null }, false)).toBe('page');
  expect(topLayer({ dialog: 'validity', enlarged: 'sweep' }, false)).toBe('large');
  expect(topLayer({ dialog: 'keys', enlarged: null }, true)).toBe('page');
  for (const dialog of ['recipe', 'validity'] as const) expect(topLayer({ dialog, enlarged: 'map' }, true)).toBe('sheet');

  const state = STATES.error?.();
  if (!state) throw new Error('the gallery has an error');
  const html = (layer: Layer, enlarged: AppState['session']['enlarged']) => {
    const store = createStore<AppState>(() => ({ ...state, session: { ...state.session, enlarged } }));
    return renderToStaticMarkup(
      <StoreProvider store={store} actions={sampleActions(store)}>
        <Messages layer={layer} />
      </StoreProvider>,
    );
  };
  expect(html('page', null)).toContain('WebGPU: expected a device');
  expect(html('large', null)).toBe('');
  expect(html('page', 'sweep')).toBe('');
  expect(html('large', 'sweep')).toContain('WebGPU: expected a device');
});
