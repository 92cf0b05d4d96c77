import type { PlainError } from '../core/errors';
import type { EngineRequests, RequestEvent, RequestName, RequestParams, RequestResult } from './api';

/** What the main thread sends. Every message of one call carries its id. */
export type ToWorker =
  /** `lifeLock` names the lock that the worker holds as long as it lives. */
  | { kind: 'start'; baseUrl: string; lifeLock: string }
  | { [K in RequestName]: { kind: 'call'; id: number; name: K; params: RequestParams<K> } }[RequestName]
  | { kind: 'abort'; id: number }
  /** The receiver handled one event; the sender holds back when too many are outstanding. */
  | { kind: 'handled'; id: number };

/** What the worker sends. */
export type FromWorker =
  | { kind: 'event'; id: number; event: RequestEvent<RequestName> }
  | { kind: 'result'; id: number; result: RequestResult<RequestName> }
  | { kind: 'error'; id: number; error: PlainError }
  /** The worker holds its lock: whoever is given it next knows that the worker has ended. */
  | { kind: 'alive' }
  /** The worker can not go on: everything pending fails with this. */
  | { kind: 'failure'; error: PlainError };

/** What a handler is given beside its parameters. */
export interface CallContext<K extends RequestName> {
  signal: AbortSignal;
  /** Sends one event; resolves when the receiver keeps up. */
  emit(event: RequestEvent<K>): Promise<void>;
}

/** One handler for each request of the map. */
export type Handlers = {
  [K in keyof EngineRequests]: (params: RequestParams<K>, context: CallContext<K>) => Promise<RequestResult<K>>;
};
