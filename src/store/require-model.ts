import { MismatchError } from '../core/errors';
import type { ModelInfo } from '../engine/api';
import { appStore } from './app-store';

/** The loaded model, for `what` needs one. @throws MismatchError without one, with the remedy. */
export function requireModel(what: string, remedy = 'Load one in step 1.'): ModelInfo {
  const { modelInfo } = appStore.getState().runtime;
  if (!modelInfo) throw new MismatchError(`${what}: expected a loaded model, got none.`, remedy);
  return modelInfo;
}
