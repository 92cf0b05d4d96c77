import { toPlainError } from '../../core/errors';
import { Dispatcher } from '../dispatcher';
import type { FromWorker, ToWorker } from '../messages';
import { isFatal } from './backend-failure';
import { createHandlers } from './handlers';
import { onDeviceLost } from './ort-runtime';

const post = (message: FromWorker, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

let dispatcher: Dispatcher | null = null;

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'start') dispatcher = new Dispatcher(createHandlers(data.baseUrl), post, isFatal);
  else dispatcher?.receive(data);
};

onDeviceLost((error) => post({ kind: 'failure', error: toPlainError(error) }));
