import type { CallOptions, Engine, RequestName, RequestParams, RequestResult } from '../engine/api';
import { createEngine } from '../engine/client';

let engine: Engine | null = null;

/** The tab's one engine, started on first use. */
export function theEngine(): Engine {
  engine ??= createEngine();
  return engine;
}

/** A call on the tab's engine. */
export function callEngine<K extends RequestName>(name: K, params: RequestParams<K>, options?: CallOptions<K>): Promise<RequestResult<K>> {
  return theEngine().call(name, params, options);
}
