import type { ProgrammaticRule } from '../document/schema';
import { ProgrammaticJudge } from '../judges/programmatic';

/** A rule that has nothing to look for yet. */
export function isEmptyRule(rule: ProgrammaticRule): boolean {
  return (rule.type === 'words' && rule.words.length === 0) || (rule.type === 'regex' && rule.pattern === '');
}

/** Why a rule cannot score anything, such as a pattern that does not parse; null for one that can. */
export function ruleProblem(rule: ProgrammaticRule): string | null {
  try {
    new ProgrammaticJudge(rule);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
