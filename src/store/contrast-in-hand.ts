import type { ContrastRecord, VaneDocument } from '../document/schema';
import type { Contrast } from '../experiments/contrast';

/** A contrast that was made here, with what it was made of. */
export interface ContrastInHand {
  /** The setting it was made under. */
  key: string;
  record: ContrastRecord;
  modelSha256: string;
  contrast: Contrast;
}

let present: ContrastInHand | null = null;

/** Keeps a contrast in the place of the one before; null forgets that. */
export function holdContrast(next: ContrastInHand | null): void {
  present = next;
}

/** The contrast that was made last, of whatever setting. */
export function heldContrast(): ContrastInHand | null {
  return present;
}

/** The answers of the document's own contrast while they are of this model; null until they have been sampled. */
export function answersOf({ contrast, model }: Pick<VaneDocument, 'contrast' | 'model'>): Contrast | null {
  return present?.record === contrast && present.modelSha256 === model.sha256 ? present.contrast : null;
}
