import { createContext, createElement, type ReactElement, type ReactNode, useContext, useMemo } from 'react';
import { type StoreApi, useStore } from 'zustand';
import type { AppActions, AppState } from '../store/state';

/** The store as components read it; any zustand vanilla store of an `AppState` will do. */
export type AppStore = StoreApi<AppState>;

interface StoreContextValue {
  store: AppStore;
  actions: AppActions;
}

const StoreContext = createContext<StoreContextValue | null>(null);

/** Gives everything below it one store and the actions that change it. */
export function StoreProvider({ store, actions, children }: StoreContextValue & { children: ReactNode }): ReactElement {
  const value = useMemo(() => ({ store, actions }), [store, actions]);
  return createElement(StoreContext.Provider, { value }, children);
}

function useStoreContext(): StoreContextValue {
  const value = useContext(StoreContext);
  if (!value) throw new Error('useApp: expected a StoreProvider above this component, got none.');
  return value;
}

/** One part of the state; renders again when it changes by `Object.is`. Selectors that build objects need zustand's `useShallow`. */
export function useApp<T>(selector: (state: AppState) => T): T {
  return useStore(useStoreContext().store, selector);
}

/** Everything the screen can do. */
export function useActions(): AppActions {
  return useStoreContext().actions;
}

/** The store itself, for event handlers that need the state of now rather than of the last render. */
export function useAppStore(): AppStore {
  return useStoreContext().store;
}
