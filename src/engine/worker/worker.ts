import { toPlainError } from '../../core/errors';
import { Dispatcher } from '../dispatcher';
import type { FromWorker, ToWorker } from '../messages';
import { isFatal } from './backend-failure';
import { createHandlers } from './handlers';
import { onDeviceLost } from './ort-runtime';

const post = (message: FromWorker, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

let dispatcher: Dispatcher | null = null;

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'start') {
    dispatcher = new Dispatcher(createHandlers(data.baseUrl), post, isFatal);
    void holdForLife(data.lifeLock);
  } else dispatcher?.receive(data);
};

/** A worker that the browser ends (memory, a task manager) sends no event; the lock it held is then free. Not to be had on plain http. */
async function holdForLife(name: string): Promise<void> {
  await navigator.locks?.request(name, () => {
    post({ kind: 'alive' });
    return new Promise<never>(() => {});
  });
}

onDeviceLost((error) => post({ kind: 'failure', error: toPlainError(error) }));
