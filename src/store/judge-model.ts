import type { ModelInfo, Source } from '../engine/api';
import { callEngine } from './engine-handle';

/** A model that a judge asks, the judge's own until it is released. */
export interface BorrowedModel {
  source: Source;
  model: ModelInfo;
  /** Frees the model when nobody else has it. */
  release(): void;
}

interface Held {
  model: ModelInfo;
  borrowers: number;
}

/** Models loaded for judges beside the document's own; files are told apart by their list. */
const held = new Map<Source, Held>();

/** The model of a source for a judge to ask, loaded once however many judges ask it. @throws what loading it throws; DOMException AbortError. */
export async function borrowModel(source: Source, signal?: AbortSignal): Promise<BorrowedModel> {
  const known = held.get(source);
  if (known) return borrowed(source, known);
  const model = await callEngine('load', { source }, { signal });
  const sooner = held.get(source);
  if (sooner) {
    free(model);
    return borrowed(source, sooner);
  }
  const entry = { model, borrowers: 0 };
  held.set(source, entry);
  return borrowed(source, entry);
}

function borrowed(source: Source, entry: Held): BorrowedModel {
  entry.borrowers += 1;
  let isOut = true;
  return {
    source,
    model: entry.model,
    release() {
      if (!isOut) return;
      isOut = false;
      entry.borrowers -= 1;
      if (entry.borrowers > 0 || held.get(source) !== entry) return;
      held.delete(source);
      free(entry.model);
    },
  };
}

function free({ modelId }: ModelInfo): void {
  void callEngine('dispose', { modelId }).catch(() => undefined);
}

/** Forgets every model: they have gone with the worker that held them. */
export function forgetModels(): void {
  held.clear();
}
