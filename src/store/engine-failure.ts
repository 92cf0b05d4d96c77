import type { Backend } from '../engine/api';
import { appStore, notify, runTask, setRuntime } from './app-store';
import { theEngine } from './engine-handle';
import { forgetModels } from './judge-model';
import { measureLean } from './lean';
import { loadDocumentModel } from './link-actions';
import { pausingLive } from './live';
import { runConditions } from './run-actions';
import { goOnWithFirstSight, goOnWithInstruments } from './start';

/** A dead worker or lost device leaves the document and the answers as they are and offers the two ways on. */
export function watchEngine(): void {
  theEngine().onFailure((error) => {
    forgetModels();
    setRuntime({ modelStatus: 'failed', modelInfo: null, loadProgress: null });
    const { backend } = appStore.getState().document.model;
    notify('error', error.message, [
      { label: 'Retry now', run: () => void goOn(backend) },
      { label: 'Go on with WASM', run: () => void goOn('wasm') },
    ]);
  });
}

/** Loads the document's model again, answers what the failure cut off, and goes on with a start that it ended. */
async function goOn(backend: Backend | null): Promise<void> {
  await pausingLive(async () => {
    if (!(await loadDocumentModel({ backend: backend ?? undefined }))) return;
    if (appStore.getState().runtime.recordedOnly) return;
    await goOnWithFirstSight();
    await runTask('Answer again', 'answers', async ({ signal, progress }) => {
      await measureLean({ signal });
      await runConditions({ signal, onlyMissing: true, onProgress: progress });
    });
  });
  await goOnWithInstruments();
}
