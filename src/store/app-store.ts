import { type TemporalState, temporal } from 'zundo';
import { createStore } from 'zustand/vanilla';
import { ArgumentError, FormatError, LimitError, MismatchError, UnsupportedError } from '../core/errors';
import type { VaneDocument } from '../document/schema';
import { defaultDocument } from './default-document';
import { emptyRuntime, emptySession } from './empty-state';
import type { AppState, Notice, RuntimeState, SessionState, TaskProgress } from './state';

/** The one store: document (undoable), session, runtime. */
export const appStore = createStore<AppState>()(
  temporal((): AppState => ({ document: defaultDocument(), session: emptySession(), runtime: emptyRuntime() }), {
    partialize: ({ document }) => ({ document }),
    equality: (past, current) => past.document === current.document,
    limit: 200,
  }),
);

type History = TemporalState<Pick<AppState, 'document'>>;
const history = (): History => appStore.temporal.getState() as History;

appStore.temporal.subscribe(({ pastStates, futureStates }) => {
  const next = { canUndo: pastStates.length > 0, canRedo: futureStates.length > 0 };
  const { canUndo, canRedo } = appStore.getState().runtime;
  if (next.canUndo !== canUndo || next.canRedo !== canRedo) setRuntime(next);
});

let lastGesture: string | null = null;

/** Replaces the document as one undo step; steps of the same `gesture` join into one. */
export function editDocument(change: (document: VaneDocument) => VaneDocument, gesture?: string): void {
  const joins = gesture !== undefined && gesture === lastGesture;
  lastGesture = gesture ?? null;
  if (joins) history().pause();
  appStore.setState(({ document }) => ({ document: change(document) }));
  if (joins) history().resume();
}

/**
 * Changes the document without an undo step: what a run reports, not what a person did. The states that undo and redo lead to
 * change with it, so that taking back a person's step takes back nothing else; `change` may meet any of them.
 */
export function recordInDocument(change: (document: VaneDocument) => VaneDocument): void {
  history().pause();
  appStore.setState(({ document }) => ({ document: change(document) }));
  history().resume();
  const { pastStates, futureStates } = history();
  if (pastStates.length + futureStates.length === 0) return;
  const recorded = (states: typeof pastStates) => states.map((state) => (state.document ? { document: change(state.document) } : state));
  appStore.temporal.setState({ pastStates: recorded(pastStates), futureStates: recorded(futureStates) });
}

export function undo(): void {
  lastGesture = null;
  history().undo();
}

export function redo(): void {
  lastGesture = null;
  history().redo();
}

export function clearHistory(): void {
  lastGesture = null;
  history().clear();
}

export function setSession(patch: Partial<SessionState>): void {
  appStore.setState(({ session }) => ({ session: { ...session, ...patch } }));
}

export function setRuntime(patch: Partial<RuntimeState> | ((runtime: RuntimeState) => Partial<RuntimeState>)): void {
  appStore.setState(({ runtime }) => ({ runtime: { ...runtime, ...(typeof patch === 'function' ? patch(runtime) : patch) } }));
}

let nextId = 0;
/** An id that is unique within this tab. */
export function freshId(prefix: string): string {
  nextId += 1;
  return `${prefix}-${Date.now().toString(36)}-${nextId}`;
}

/** Shows a message with its ways on; the same text is not shown twice. */
export function notify(tone: Notice['tone'], text: string, actions: Notice['actions'] = []): void {
  setRuntime(({ notices }) =>
    notices.some((notice) => notice.text === text) ? {} : { notices: [...notices, { id: freshId('notice'), tone, text, actions }] },
  );
}

export function dismissNotice(id: string): void {
  setRuntime(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }));
}

/** True for the error of a cancelled call, which is nobody's failure. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

export interface Task {
  signal: AbortSignal;
  progress(done: number, total?: number | null): void;
}

/** Notices of failed tasks, by the task's label. */
const failures = new Map<string, Set<string>>();

function rememberFailure(label: string, texts: readonly string[]): void {
  const known = failures.get(label) ?? new Set();
  // A notice of somebody else's that offers ways on of its own is not this task's to take away.
  for (const { id, text, actions } of appStore.getState().runtime.notices)
    if (text === texts[0] || (text === texts[1] && actions.length === 0)) known.add(id);
  failures.set(label, known);
}

/** Takes away what an earlier failure of the same task said: it has been done now, or is not wanted any more. */
export function forgetFailures(label: string): void {
  for (const id of failures.get(label) ?? []) dismissNotice(id);
  failures.delete(label);
}

/** True where the same settings and files would fail again: the error's remedy says what to change. A file that is fetched may come whole next time. */
function isOfSettings(error: unknown, fetches: boolean): boolean {
  if (error instanceof FormatError) return !fetches;
  return [ArgumentError, LimitError, MismatchError, UnsupportedError].some((kind) => error instanceof kind);
}

/**
 * Runs work as a cancellable task on screen; a failure becomes a notice that offers to try again where that can help, and goes when the same
 * task has succeeded.
 * `isPart` marks a task that is one of many of its label, whose success does not make up for another's failure; `fetches` one whose files come
 * from an address.
 * @returns the work's value, or undefined when it was cancelled or failed.
 */
export async function runTask<T>(
  label: string,
  unit: TaskProgress['unit'],
  work: (task: Task) => Promise<T>,
  options: { retry?: () => void; abort?: AbortController; isPart?: boolean; fetches?: boolean } = {},
): Promise<T | undefined> {
  const abort = options.abort ?? new AbortController();
  const entry: TaskProgress = { label, done: 0, total: null, unit, cancel: () => abort.abort() };
  let shown = entry;
  const replace = (next: TaskProgress | null) =>
    setRuntime(({ tasks }) => ({
      tasks: next
        ? tasks.includes(shown)
          ? tasks.map((t) => (t === shown ? next : t))
          : [...tasks, next]
        : tasks.filter((t) => t !== shown),
    }));
  replace(entry);
  try {
    const value = await work({
      signal: abort.signal,
      progress(done, total = shown.total) {
        const next = { ...shown, done, total };
        replace(next);
        shown = next;
      },
    });
    if (!options.isPart) forgetFailures(label);
    return value;
  } catch (error) {
    if (!isAbort(error)) {
      const text = error instanceof Error ? error.message : String(error);
      // A dead engine ends every task with one error, which stands on screen already with its own ways on.
      const isShown = appStore.getState().runtime.notices.some((notice) => notice.text === text);
      const retry = isOfSettings(error, options.fetches ?? false) ? undefined : options.retry;
      if (!isShown) notify('error', `${label}: ${text}`, retry ? [{ label: 'Retry now', run: retry }] : []);
      rememberFailure(label, [`${label}: ${text}`, text]);
    }
    return undefined;
  } finally {
    replace(null);
  }
}
