import { readHead } from '../store/row-reading';
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
  if (route === 'adapter') return actions.addAdapter(folder ?? 'adapter', files);
  if (route === 'contrast') return actions.importContrast(first);
  if (route === 'questions') return actions.importQuestions(first);
  return actions.importFile(first);
}
