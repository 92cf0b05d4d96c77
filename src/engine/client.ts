import { BackendError, fromPlainError } from '../core/errors';
import type { CallOptions, Engine, RequestEvent, RequestName, RequestParams, RequestResult } from './api';
import type { FromWorker, ToWorker } from './messages';

interface PendingCall {
  name: RequestName;
  resolve(result: RequestResult<RequestName>): void;
  reject(error: unknown): void;
  onEvent?: (event: RequestEvent<RequestName>) => void;
  cleanUp(): void;
}

/** The engine in a worker of its own. Nothing is started before the first call; a dead worker is replaced at the next one. */
export function createEngine(): Engine {
  return new WorkerEngine();
}

class WorkerEngine implements Engine {
  private worker: Worker | null = null;
  private readonly pending = new Map<number, PendingCall>();
  private readonly listeners = new Set<(error: Error) => void>();
  private nextId = 1;

  /**
   * Sends one request.
   * @throws what the worker threw, by its class; BackendError when the worker died; AbortError when the signal fires.
   * An aborted `generate` resolves with what was written so far instead.
   */
  call<K extends RequestName>(name: K, params: RequestParams<K>, options: CallOptions<K> = {}): Promise<RequestResult<K>> {
    const { signal, onEvent } = options;
    if (signal?.aborted) return Promise.reject(abortError());
    const id = this.nextId++;
    const worker = this.startedWorker();
    return new Promise<RequestResult<K>>((resolve, reject) => {
      const onAbort = () => {
        worker.postMessage({ kind: 'abort', id } satisfies ToWorker);
        if (name === 'generate') return;
        this.settle(id)?.reject(abortError());
      };
      signal?.addEventListener('abort', onAbort);
      this.pending.set(id, {
        name,
        resolve: (result) => resolve(result as RequestResult<K>),
        reject,
        onEvent: onEvent && ((event) => onEvent(event as RequestEvent<K>)),
        cleanUp: () => signal?.removeEventListener('abort', onAbort),
      });
      try {
        worker.postMessage({ kind: 'call', id, name, params });
      } catch (error) {
        this.settle(id)?.reject(error);
      }
    });
  }

  /** Ends the worker: everything pending is rejected and all models are freed. */
  terminate(): void {
    this.stop(new BackendError('engine: expected it to run, but it was terminated.', 'Load the model again.'));
  }

  onFailure(listener: (error: Error) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private startedWorker(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module', name: 'vane-engine' });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.fail(
        new BackendError(`engine worker: expected it to run, got "${event.message || 'it could not start'}".`, 'Load the model again.'),
      );
    };
    worker.onmessageerror = () =>
      this.fail(
        new BackendError('engine worker: expected a readable message, got one that could not be decoded.', 'Load the model again.'),
      );
    const lifeLock = `vane-engine ${Date.now()} ${Math.random()}`;
    worker.postMessage({ kind: 'start', baseUrl: document.baseURI, lifeLock } satisfies ToWorker);
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === 'alive') void this.watchLife(worker, lifeLock);
    });
    this.worker = worker;
    return worker;
  }

  /** The lock is given to this side only when the worker has ended, whatever it was doing; no timeout could tell that from a long run. */
  private async watchLife(worker: Worker, lifeLock: string): Promise<void> {
    await navigator.locks.request(lifeLock, () => {
      if (this.worker !== worker) return;
      this.fail(new BackendError('engine worker: expected it to run, but the browser ended it.', 'Load the model again.'));
    });
  }

  private receive(message: FromWorker): void {
    if (message.kind === 'alive') return;
    if (message.kind === 'failure') {
      this.fail(fromPlainError(message.error));
      return;
    }
    if (message.kind === 'event') {
      try {
        this.pending.get(message.id)?.onEvent?.(message.event);
      } finally {
        this.worker?.postMessage({ kind: 'handled', id: message.id } satisfies ToWorker);
      }
      return;
    }
    const call = this.settle(message.id);
    if (message.kind === 'result') call?.resolve(message.result);
    else call?.reject(fromPlainError(message.error));
  }

  private settle(id: number): PendingCall | undefined {
    const call = this.pending.get(id);
    this.pending.delete(id);
    call?.cleanUp();
    return call;
  }

  private fail(error: Error): void {
    this.stop(error);
    for (const listener of this.listeners) listener(error);
  }

  private stop(error: Error): void {
    this.worker?.terminate();
    this.worker = null;
    for (const id of [...this.pending.keys()]) this.settle(id)?.reject(error);
  }
}

function abortError(): DOMException {
  return new DOMException('The call was aborted.', 'AbortError');
}
