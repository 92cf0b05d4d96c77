import { ArgumentError } from '../core/errors';

/**
 * Assigns each row a fold such that a group never straddles two folds: largest groups first, each to the lightest fold.
 * With as many folds as groups this is leave-one-group-out.
 * @returns the fold of each row, 0..folds-1.
 * @throws ArgumentError with fewer than two folds, or fewer groups than folds.
 */
export function groupFolds(groups: readonly string[], folds: number): number[] {
  const sizes = new Map<string, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  if (!(folds >= 2) || sizes.size < folds) {
    throw new ArgumentError(
      `grouped folds: expected 2 to ${sizes.size} folds for ${sizes.size} groups, got ${folds}.`,
      'Use more prompts or fewer folds.',
    );
  }
  const loads = new Array<number>(folds).fill(0);
  const foldOf = new Map<string, number>();
  for (const [group, size] of [...sizes].sort((a, b) => b[1] - a[1])) {
    const fold = loads.indexOf(Math.min(...loads));
    loads[fold] = (loads[fold] as number) + size;
    foldOf.set(group, fold);
  }
  return groups.map((group) => foldOf.get(group) as number);
}

/** One fold for each distinct group, in order of appearance. */
export function leaveOneGroupOut(groups: readonly string[]): number[] {
  const names = [...new Set(groups)];
  return groups.map((group) => names.indexOf(group));
}
