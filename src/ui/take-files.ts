import { readHead, rowsAre } from '../store/row-reading';
import type { AppActions } from '../store/state';
import { dropRoute } from './drop-route';

/** Hands files to the action they belong to. */
export async function takeFiles(files: File[], folder: string | null, actions: AppActions): Promise<void> {
  const [first] = files;
  if (!first) return;
  const route = dropRoute(
    files.map(({ name, size }) => ({ name, sizeBytes: size })),
    await readHead(first),
  );
  if (route === 'model') return actions.loadModel({ source: files });
  if (route === 'adapter') return void (await actions.addAdapter(folder ?? 'adapter', files));
  if (route === 'questions' || (route === 'rows' && (await rowsAre(first)) === 'questions')) return actions.importQuestions(first);
  if (route === 'rows') return actions.importContrast(first);
  return actions.importFile(first);
}
