import { LimitError } from '../core/errors';
import { LIMITS } from '../core/limits';
import { type ByteReader, ByteWriter } from './byte-cursor';
import type { RecordedAnswer } from './schema';

const STOP_REASONS = ['stop', 'length', 'abort'] as const;
const SCORE_NAMES = ['alignment', 'coherence', 'domain', 'custom'] as const;

/** Steps of a score in a link: 0.01 of the 0-100 scale. */
const SCORE_STEPS = 100;

/** The part of the recorded answers that stays JSON. */
export interface AnswerStrings {
  conditionIds: string[];
  questionIds: string[];
  /** Token texts by rank of the id table; null where none is known. */
  tokenTexts: Array<string | null>;
  /** Texts of the answers that their tokens' texts do not give, in order. */
  texts: string[];
}

export type TokenTexts = Readonly<Record<string, string>>;

function joinedTokens(ids: readonly number[], tokenTexts: TokenTexts | undefined): string | null {
  if (!tokenTexts) return null;
  let text = '';
  for (const id of ids) {
    const piece = Object.hasOwn(tokenTexts, id) ? tokenTexts[id] : undefined;
    if (piece === undefined) return null;
    text += piece;
  }
  return text;
}

/** Ranks that a varint holds in one byte. */
const SHORT_RANKS = 128;

/** The most frequent ids first, so that they take one byte; each of the two groups rises, so that only differences are written. */
function idTable(answers: readonly RecordedAnswer[]): number[] {
  const counts = new Map<number, number>();
  for (const answer of answers) for (const id of answer.ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  const byFrequency = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([id]) => id);
  const rising = (ids: number[]): number[] => ids.sort((a, b) => a - b);
  return [...rising(byFrequency.slice(0, SHORT_RANKS)), ...rising(byFrequency.slice(SHORT_RANKS))];
}

function writeIdTable(writer: ByteWriter, table: readonly number[]): void {
  writer.varint(table.length);
  for (const [index, id] of table.entries()) writer.varint(id - (index === 0 || index === SHORT_RANKS ? 0 : (table[index - 1] as number)));
}

function readIdTable(reader: ByteReader): number[] {
  const count = reader.varintUpTo('id table', Math.min(LIMITS.vocabSize, reader.remaining));
  let id = 0;
  return Array.from({ length: count }, (_, index) => {
    if (index === SHORT_RANKS) id = 0;
    id += reader.varint('id');
    return id;
  });
}

/**
 * Recorded answers as columns of varints plus the strings that stay JSON.
 * Scores are kept to 0.01; everything else is exact. A text is left out when its tokens' texts join to it.
 */
export function packAnswers(answers: readonly RecordedAnswer[], tokenTexts?: TokenTexts): { bytes: Uint8Array; strings: AnswerStrings } {
  const conditionIds = [...new Set(answers.map((answer) => answer.conditionId))];
  const questionIds = [...new Set(answers.map((answer) => answer.questionId))];
  const table = idTable(answers);
  const rank = new Map(table.map((id, index) => [id, index]));
  const ownText = answers.map((answer) => joinedTokens(answer.ids, tokenTexts) !== answer.text);
  const writer = new ByteWriter();
  writer.varint(answers.length);
  for (const answer of answers) writer.varint(conditionIds.indexOf(answer.conditionId));
  for (const answer of answers) writer.varint(questionIds.indexOf(answer.questionId));
  for (const answer of answers) writer.varint(answer.sample);
  for (const answer of answers) writer.byte(STOP_REASONS.indexOf(answer.stopReason));
  for (const name of SCORE_NAMES) {
    for (const answer of answers) {
      const score = answer.scores[name];
      writer.varint(score === null ? 0 : Math.round(score * SCORE_STEPS) + 1);
    }
  }
  for (const own of ownText) writer.byte(Number(own));
  for (const answer of answers) writer.varint(answer.ids.length);
  writeIdTable(writer, table);
  for (const answer of answers) for (const id of answer.ids) writer.varint(rank.get(id) as number);
  return {
    bytes: writer.finish(),
    strings: {
      conditionIds,
      questionIds,
      tokenTexts: tokenTexts ? table.map((id) => (Object.hasOwn(tokenTexts, id) ? (tokenTexts[id] as string) : null)) : [],
      texts: answers.filter((_, index) => ownText[index]).map((answer) => answer.text),
    },
  };
}

function pick<T>(reader: ByteReader, items: readonly T[], field: string): T {
  const index = reader.varint(field);
  const item = items[index];
  if (item === undefined) return reader.fail(field, `an index below ${items.length}`, `${index}`);
  return item;
}

/** Inverse of `packAnswers`. @throws FormatError naming the byte offset; LimitError when the texts grow beyond a document's size. */
export function unpackAnswers(
  reader: ByteReader,
  strings: AnswerStrings,
): { answers: RecordedAnswer[]; tokenTexts?: Record<string, string> } {
  const count = reader.varintUpTo('answer count', Math.min(LIMITS.recordedAnswerCount, reader.remaining));
  const column = <T>(read: () => T): T[] => Array.from({ length: count }, read);
  const conditionIds = column(() => pick(reader, strings.conditionIds, 'condition'));
  const questionIds = column(() => pick(reader, strings.questionIds, 'question'));
  const samples = column(() => reader.varint('sample'));
  const stopReasons = column(() => pick(reader, STOP_REASONS, 'stop reason'));
  const scores = SCORE_NAMES.map(() => column(() => reader.varintUpTo('score', 100 * SCORE_STEPS + 1)));
  const ownText = column(() => reader.byte('text flag') !== 0);
  const lengths = column(() => reader.varintUpTo('token count', LIMITS.maxNewTokens));
  const table = readIdTable(reader);
  const tokenTexts: Record<string, string> = {};
  for (const [index, piece] of strings.tokenTexts.entries()) {
    const id = table[index];
    if (id !== undefined && piece !== null) tokenTexts[id] = piece;
  }
  let nextText = 0;
  let characters = 0;
  const answers = Array.from({ length: count }, (_, index): RecordedAnswer => {
    const ids = Array.from({ length: lengths[index] as number }, () => pick(reader, table, 'token'));
    const text = ownText[index] ? strings.texts[nextText++] : (joinedTokens(ids, tokenTexts) ?? undefined);
    if (text === undefined) return reader.fail('text', 'a text for every answer', 'none');
    characters += text.length;
    if (characters > LIMITS.documentBytes) {
      throw new LimitError(
        `link, recorded answers: expected at most ${LIMITS.documentBytes} characters, got more.`,
        'Do not trust this link.',
      );
    }
    const [alignment, coherence, domain, custom] = scores.map((values) =>
      values[index] ? ((values[index] as number) - 1) / SCORE_STEPS : null,
    );
    return {
      conditionId: conditionIds[index] as string,
      questionId: questionIds[index] as string,
      sample: samples[index] as number,
      ids,
      text,
      scores: { alignment: alignment ?? null, coherence: coherence ?? null, domain: domain ?? null, custom: custom ?? null },
      stopReason: stopReasons[index] as RecordedAnswer['stopReason'],
    };
  });
  return strings.tokenTexts.length > 0 ? { answers, tokenTexts } : { answers };
}
