import { FormatError, LimitError } from '../core/errors';
import { LIMITS } from '../core/limits';
import { fromBase64Url, toBase64Url } from './base64url';
import type { RecordedAnswer, RecordedRecord } from './schema';

/** What a letter counts in standard deviations: a third of one of the tint's bins. */
const LETTER_STEP = 0.3;
/** Only every second letter is written: finer readings take 0.2 KB more of a link, and its reader sees bins. Older links hold them all. */
const LETTERS_APART = 2;
/** Step of a recorded projection in standard deviations. */
export const PROJECTION_STEP = LETTERS_APART * LETTER_STEP;
/** One letter a token, so that a link's compression can use that small projections are more frequent: the first is not read, the middle 0. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const NOT_READ = 'A';
const MOST_LETTERS = 31;
const MOST_STEPS = Math.floor(MOST_LETTERS / LETTERS_APART);
const LARGEST = 127;

type Lengths = ReadonlyArray<Pick<RecordedAnswer, 'ids'>>;

/** One letter a token over all answers in order, up to 9 standard deviations; a NaN or missing projection is written as not read. */
export function packProjections(answers: Lengths, projections: ReadonlyArray<readonly number[]>): string {
  const letters = answers.flatMap(({ ids }, index) =>
    ids.map((_, token) => {
      const value = projections[index]?.[token] ?? Number.NaN;
      return Number.isFinite(value) ? LETTERS[MOST_LETTERS + 1 + LETTERS_APART * clamped(value / PROJECTION_STEP, MOST_STEPS)] : NOT_READ;
    }),
  );
  return letters.join('');
}

/** Inverse of `packProjections` to half a step; an answer of which nothing was read gets an empty list. @throws FormatError for another number of tokens. */
export function unpackProjections(answers: Lengths, letters: string, what = 'recorded projections'): number[][] {
  const total = answers.reduce((sum, { ids }) => sum + ids.length, 0);
  if (letters.length !== total)
    throw new FormatError(
      `${what}: expected one letter for each of ${total} tokens, got ${letters.length}.`,
      'Ask for the link or file again.',
    );
  let start = 0;
  return answers.map(({ ids }) => {
    const own = [...letters.slice(start, start + ids.length)];
    start += ids.length;
    if (own.every((letter) => letter === NOT_READ)) return [];
    return own.map((letter) => (letter === NOT_READ ? Number.NaN : (LETTERS.indexOf(letter) - MOST_LETTERS - 1) * LETTER_STEP));
  });
}

export interface ScatterDot {
  x: number;
  y: number;
  positive: boolean;
}

type ScatterRecord = NonNullable<RecordedRecord['scatter']>;

/** Points of an activation scatter in 255 steps along each axis, the positive ones first. Null for more than a document holds. */
export function packScatter(dots: readonly ScatterDot[]): ScatterRecord | null {
  if (dots.length > LIMITS.scatterPointCount) return null;
  const sorted = [...dots.filter(({ positive }) => positive), ...dots.filter(({ positive }) => !positive)];
  const step = (axis: 'x' | 'y') => sorted.reduce((most, dot) => Math.max(most, Math.abs(dot[axis])), 0) / LARGEST || 1;
  const [xStep, yStep] = [rounded(step('x')), rounded(step('y'))];
  const bytes = Int8Array.from(sorted.flatMap(({ x, y }) => [clamped(x / xStep, LARGEST), clamped(y / yStep, LARGEST)]));
  return {
    positiveCount: sorted.filter(({ positive }) => positive).length,
    xStep,
    yStep,
    points: toBase64Url(new Uint8Array(bytes.buffer)),
  };
}

/** Inverse of `packScatter`. @throws FormatError for half a point, LimitError for too many. */
export function unpackScatter({ positiveCount, xStep, yStep, points }: ScatterRecord, what = 'recorded scatter'): ScatterDot[] {
  const bytes = new Int8Array(fromBase64Url(points, what).buffer);
  if (bytes.length % 2 !== 0)
    throw new FormatError(`${what}: expected two bytes a point, got ${bytes.length} bytes.`, 'Ask for the link or file again.');
  if (bytes.length / 2 > LIMITS.scatterPointCount) {
    throw new LimitError(
      `${what}: expected at most ${LIMITS.scatterPointCount} points, got ${bytes.length / 2}.`,
      'Leave the activations out.',
    );
  }
  return Array.from({ length: bytes.length / 2 }, (_, index) => ({
    x: (bytes[2 * index] as number) * xStep,
    y: (bytes[2 * index + 1] as number) * yStep,
    positive: index < positiveCount,
  }));
}

/** A figure to three digits: what a chart can show of it. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

function clamped(value: number, most: number): number {
  return Math.max(-most, Math.min(most, Math.round(value)));
}
