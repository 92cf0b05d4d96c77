import type { Direction } from './direction';

/** Which tokens an edit touches; positions count from 0 in the whole sequence. */
export type TokenSelection = 'all' | 'prompt' | 'response' | number[];

/**
 * One edit of the residual stream.
 * steer adds coefficient x (the stored vector | mean residual norm x unit vector | this token's norm x unit vector);
 * ablate takes the projection out; clamp sets the projection on the unit vector to `coefficient`.
 */
export interface Intervention {
  direction: Direction | number[] | Float32Array;
  operation: 'steer' | 'ablate' | 'clamp';
  hookPoints: string | string[];
  coefficient?: number;
  unit?: 'direction' | 'residNorm' | 'tokenNorm';
  tokens?: TokenSelection;
  /** Leaves tokens that the tokenizer marks as special untouched. */
  skipSpecialTokens?: boolean;
}

/** The direction's values, whichever way it was given. */
export function interventionVector(intervention: Intervention): ArrayLike<number> {
  const { direction } = intervention;
  return 'values' in direction && !Array.isArray(direction) && !(direction instanceof Float32Array) ? direction.values : direction;
}
