import { ALIGNMENT_SIDES } from '../core/direction';
import { ArgumentError } from '../core/errors';
import type { PooledRequest } from '../engine/api';
import type { Contrast, ContrastRow } from './contrast';

type Tokens = PooledRequest['tokens'];

const rowLength = ({ promptIds, answerIds }: ContrastRow) => promptIds.length + answerIds.length;

function hasToken(row: ContrastRow, tokens: Tokens): boolean {
  if (Array.isArray(tokens)) return tokens.some((position) => position < rowLength(row));
  return (tokens === 'answer' ? row.answerIds : row.promptIds).length > 0;
}

/**
 * The contrast with those of its rows alone that have a token to read, the others counted among what was left out.
 * @throws ArgumentError when a side that has rows is left with none.
 */
export function readableRows(contrast: Contrast, tokens: Tokens): Contrast {
  const rows = contrast.rows.filter((row) => hasToken(row, tokens));
  if (rows.length === contrast.rows.length) return contrast;
  const leftOut = [true, false].flatMap((positive) => {
    const all = contrast.rows.filter((row) => row.positive === positive);
    const kept = rows.filter((row) => row.positive === positive).length;
    const name = contrast.sides
      ? contrast.sides[positive ? 'positive' : 'negative']
      : `${ALIGNMENT_SIDES[positive ? 'positive' : 'negative']} side`;
    if (all.length > 0 && kept === 0) throw noneLong(all, tokens, name);
    const count = all.length - kept;
    return count > 0 ? [{ reason: `${name}: ${lackOf(tokens)}`, count }] : [];
  });
  return { ...contrast, rows, leftOut: [...contrast.leftOut, ...leftOut] };
}

function lackOf(tokens: Tokens): string {
  if (!Array.isArray(tokens)) return tokens === 'answer' ? 'empty answer' : 'empty prompt';
  return `ends before position ${Math.min(...tokens)}`;
}

function noneLong(rows: readonly ContrastRow[], tokens: Tokens, side: string): ArgumentError {
  const longest = Math.max(...rows.map(rowLength));
  return new ArgumentError(
    `tokens to read: expected some in the rows of both sides, got none (${side}: ${lackOf(tokens)}).`,
    Array.isArray(tokens)
      ? `The longest of these rows has ${longest} tokens, prompt and answer together: choose positions below ${longest} in step 3, or all of the answer.`
      : 'Choose all of the answer in step 3.',
  );
}
