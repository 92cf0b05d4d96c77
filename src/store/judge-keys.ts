import type { JudgeRecord } from '../document/schema';
import { appStore, setRuntime } from './app-store';

type Api = Extract<JudgeRecord, { kind: 'api' }>;

/** Keys of API judges: a judge that comes back, as after undo, needs its key again. They live as long as the tab, and the state never holds them. */
const keys = new Map<string, string>();

const keyName = ({ baseUrl, model }: Pick<Api, 'baseUrl' | 'model'>): string => JSON.stringify([baseUrl, model]);

/** The key that is kept for a judge; none for a judge that takes none. */
export function keptKey(record: JudgeRecord): string | undefined {
  return record.kind === 'api' ? keys.get(keyName(record)) : undefined;
}

/** Keeps a key for this tab, in the place of one before. */
export function keepKey(record: Api, key: string): void {
  keys.set(keyName(record), key);
  tell();
}

/** Forgets the key of a judge. @returns false where none was kept. */
export function dropKey(record: Api): boolean {
  const was = keys.delete(keyName(record));
  tell();
  return was;
}

/** The screen knows for which judges there is a key, and no more. */
function tell(): void {
  const keptKeys = [...keys.keys()];
  if (keptKeys.join() !== appStore.getState().runtime.keptKeys.join()) setRuntime({ keptKeys });
}

/** Whether a key is kept for a judge, as the screen is told. */
export function hasKeptKey(keptKeys: readonly string[], record: Pick<Api, 'baseUrl' | 'model'>): boolean {
  return keptKeys.includes(keyName(record));
}
