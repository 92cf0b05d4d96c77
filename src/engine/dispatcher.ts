import { toPlainError } from '../core/errors';
import type { RequestName, RequestParams } from './api';
import type { FromWorker, Handlers, ToWorker } from './messages';

/** Events of one call that may be on their way at once: enough that decoding never waits for a frame, few enough that an abort is soon felt. */
export const MAX_OUTSTANDING_EVENTS = 8;

interface OpenCall {
  controller: AbortController;
  outstanding: number;
  resume: (() => void) | null;
}

/**
 * Serves requests over any transport: finds the handler, streams its events with back-pressure, and answers once.
 * `isFatal` says which errors end the whole worker.
 */
export class Dispatcher {
  private readonly calls = new Map<number, OpenCall>();

  constructor(
    private readonly handlers: Handlers,
    private readonly post: (message: FromWorker, transfer: Transferable[]) => void,
    private readonly isFatal: (error: unknown) => boolean,
  ) {}

  receive(message: Exclude<ToWorker, { kind: 'start' }>): void {
    if (message.kind === 'call') {
      void this.serve(message.id, message.name, message.params);
      return;
    }
    const call = this.calls.get(message.id);
    if (!call) return;
    if (message.kind === 'abort') call.controller.abort();
    else call.outstanding--;
    call.resume?.();
  }

  private async serve<K extends RequestName>(id: number, name: K, params: RequestParams<K>): Promise<void> {
    const call: OpenCall = { controller: new AbortController(), outstanding: 0, resume: null };
    this.calls.set(id, call);
    try {
      const result = await this.handlers[name](params, {
        signal: call.controller.signal,
        emit: async (event) => {
          call.outstanding++;
          this.post({ kind: 'event', id, event }, []);
          while (call.outstanding >= MAX_OUTSTANDING_EVENTS && !call.controller.signal.aborted) {
            await new Promise<void>((resolve) => {
              call.resume = resolve;
            });
          }
        },
      });
      this.post({ kind: 'result', id, result }, transferables(result));
    } catch (error) {
      this.post({ kind: 'error', id, error: toPlainError(error) }, []);
      if (this.isFatal(error)) this.post({ kind: 'failure', error: toPlainError(error) }, []);
    } finally {
      this.calls.delete(id);
    }
  }
}

/** The buffers of all typed arrays in a result, each once; they move to the receiver. */
export function transferables(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer && value.byteLength > 0) found.add(value.buffer);
  } else if (Array.isArray(value)) {
    if (typeof value[0] === 'object') for (const item of value) transferables(item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) transferables(item, found);
  }
  return [...found];
}
