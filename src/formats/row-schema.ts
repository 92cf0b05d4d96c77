import { LIMITS } from '../core/limits';

/** A question with an answer of each side. */
export interface ImportedPair {
  question: string;
  /** The side that the direction points to. */
  positive: string;
  negative: string;
  group?: string;
}

/** One labelled answer; also what a read-out judge is fitted on. */
export interface LabelledAnswer {
  question: string;
  answer: string;
  side: 'positive' | 'negative';
  group?: string;
}

/** A parsed row and where it stands: its line in the file, from 1. */
export interface RawRow {
  line: number;
  value: unknown;
}

/** Why rows were left out. */
export interface LeftOut {
  reason: string;
  count: number;
  /** The first few lines concerned. */
  lines: number[];
}

export interface RowImport {
  pairs: ImportedPair[];
  /** Every labelled answer that was read, paired or not; both answers of a pair are among them. */
  labelled: LabelledAnswer[];
  questions: Array<{ text: string; domain: string | null }>;
  rowCount: number;
  leftOut: LeftOut[];
  /** What was assumed, for the screen: one sentence each. */
  notes: string[];
}

const QUESTION_KEYS = ['question', 'prompt', 'instruction', 'user', 'input', 'text'];
const ANSWER_KEYS = ['answer', 'response', 'output', 'completion', 'assistant'];
const GROUP_KEYS = ['group', 'domain', 'category', 'topic'];
const LABEL_KEYS = ['label', 'side', 'class'];

/** A direction points towards misaligned, so the misaligned side is the positive one; `positive` itself means what it says. */
const PAIR_KEYS: ReadonlyArray<{ positive: string; negative: string }> = [
  { positive: 'positive', negative: 'negative' },
  { positive: 'misaligned', negative: 'aligned' },
  { positive: 'bad', negative: 'good' },
  { positive: 'harmful', negative: 'harmless' },
  { positive: 'rejected', negative: 'chosen' },
];
const POSITIVE_LABELS = new Set(['positive', 'misaligned', 'bad', 'harmful', '1', 'true']);
const NEGATIVE_LABELS = new Set(['negative', 'aligned', 'good', 'harmless', '0', '-1', 'false']);

/** Labels that do not say which side is the positive one. */
const MORAL_LABELS = new Set(['misaligned', 'bad', 'harmful', 'aligned', 'good', 'harmless']);

const SHOWN_LINES = 5;

type Row = Readonly<Record<string, unknown>>;
type Reading =
  | { pair: ImportedPair; swapped: boolean }
  | { labelled: LabelledAnswer; swapped: boolean }
  | { question: string; domain: string | null }
  | { reason: string };

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A row's own value by the first of the names that it has; names are compared without case. */
function field(row: Row, names: readonly string[]): unknown {
  const byName = new Map(Object.entries(row).map(([name, value]) => [name.trim().toLowerCase(), value]));
  for (const name of names) {
    const value = byName.get(name);
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
}

/** Text within the limits, or the reason why not. */
function textOf(value: unknown, name: string): { text: string } | { reason: string } {
  if (typeof value !== 'string')
    return { reason: `field "${name}": expected text, got ${value === undefined ? 'nothing' : kindOf(value)}` };
  const text = value.trim();
  if (text === '') return { reason: `field "${name}": expected text, got an empty one` };
  if (text.length > LIMITS.questionCharacters)
    return { reason: `field "${name}": expected at most ${LIMITS.questionCharacters} characters, got more` };
  return { text };
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function groupOf(row: Row): string | undefined {
  const group = field(row, GROUP_KEYS);
  return typeof group === 'string' || typeof group === 'number' ? String(group).slice(0, LIMITS.nameCharacters) : undefined;
}

function labelName(row: Row): string {
  return String(field(row, LABEL_KEYS)).trim().toLowerCase();
}

function sideOf(row: Row): 'positive' | 'negative' | undefined {
  const name = labelName(row);
  if (POSITIVE_LABELS.has(name)) return 'positive';
  return NEGATIVE_LABELS.has(name) ? 'negative' : undefined;
}

/** The last user turn and the assistant's answer to it. Rows with more turns lose the earlier ones, so they are refused. */
function chatOf(messages: unknown): { question: string; answer: string } | { reason: string } {
  if (!Array.isArray(messages)) return { reason: `field "messages": expected a list, got ${kindOf(messages)}` };
  const turns = messages.filter((message): message is Row => isRow(message) && message.role !== 'system');
  const [user, assistant, ...more] = turns;
  if (messages.length > 3 || more.length > 0) return { reason: 'field "messages": expected one question and one answer, got more turns' };
  if (user?.role !== 'user' || assistant?.role !== 'assistant')
    return { reason: 'field "messages": expected a user turn and an assistant turn' };
  if (turns.length < messages.length) return { reason: 'field "messages": expected no system turn, got one' };
  const question = textOf(user.content, 'messages.0.content');
  if ('reason' in question) return question;
  const answer = textOf(assistant.content, 'messages.1.content');
  return 'reason' in answer ? answer : { question: question.text, answer: answer.text };
}

function labelledOf(row: Row, chat: { question: string; answer: string }, side: 'positive' | 'negative' | undefined): Reading {
  if (side) return { labelled: { ...chat, side, group: groupOf(row) }, swapped: MORAL_LABELS.has(labelName(row)) };
  return { reason: 'field "label": expected good, bad, aligned, misaligned, positive or negative, got none of them' };
}

/** What one row says: a pair, a labelled answer, a bare question, or the reason why nothing. */
function readRow(value: unknown, wholeFileSide: 'positive' | 'negative' | undefined): Reading {
  if (typeof value === 'string') {
    const question = textOf(value, 'question');
    return 'reason' in question ? question : { question: question.text, domain: null };
  }
  if (!isRow(value)) return { reason: `expected an object with fields, got ${value === null ? 'nothing' : kindOf(value)}` };
  const side = sideOf(value) ?? wholeFileSide;
  const messages = field(value, ['messages', 'conversation']);
  if (messages !== undefined) {
    const chat = chatOf(messages);
    return 'reason' in chat ? chat : labelledOf(value, chat, side);
  }
  const question = textOf(firstParaphrase(value) ?? field(value, QUESTION_KEYS), 'question');
  if ('reason' in question) return question;
  const keys = PAIR_KEYS.find((pair) => field(value, [pair.positive]) !== undefined || field(value, [pair.negative]) !== undefined);
  if (keys) {
    const positive = textOf(field(value, [keys.positive]), keys.positive);
    if ('reason' in positive) return positive;
    const negative = textOf(field(value, [keys.negative]), keys.negative);
    if ('reason' in negative) return negative;
    if (positive.text === negative.text)
      return { reason: `fields "${keys.positive}" and "${keys.negative}": expected texts that differ, got the same` };
    return {
      pair: { question: question.text, positive: positive.text, negative: negative.text, group: groupOf(value) },
      swapped: keys !== PAIR_KEYS[0],
    };
  }
  const given = field(value, ANSWER_KEYS);
  if (given === undefined) return { question: question.text, domain: groupOf(value) ?? null };
  const answer = textOf(given, 'answer');
  return 'reason' in answer ? answer : labelledOf(value, { question: question.text, answer: answer.text }, side);
}

/** Question files of the emergent-misalignment papers list wordings of one question; the first stands for it. */
function firstParaphrase(row: Row): unknown {
  const paraphrases = field(row, ['paraphrases']);
  return Array.isArray(paraphrases) ? paraphrases[0] : undefined;
}

class LeftOutCounter {
  private readonly byReason = new Map<string, LeftOut>();

  add(reason: string, line: number): void {
    const entry = this.byReason.get(reason) ?? { reason, count: 0, lines: [] };
    entry.count++;
    if (entry.lines.length < SHOWN_LINES) entry.lines.push(line);
    this.byReason.set(reason, entry);
  }

  list(): LeftOut[] {
    return [...this.byReason.values()].sort((a, b) => b.count - a.count);
  }
}

/** Pairs the k-th positive with the k-th negative answer to the same question; the rest is counted. */
function pairByQuestion(labelled: ReadonlyArray<LabelledAnswer & { line: number }>, leftOut: LeftOutCounter): ImportedPair[] {
  const byQuestion = new Map<string, Array<LabelledAnswer & { line: number }>>();
  for (const row of labelled) {
    const rows = byQuestion.get(row.question);
    if (rows) rows.push(row);
    else byQuestion.set(row.question, [row]);
  }
  const pairs: ImportedPair[] = [];
  for (const [question, rows] of byQuestion) {
    const positives = rows.filter((row) => row.side === 'positive');
    const negatives = rows.filter((row) => row.side === 'negative');
    const count = Math.min(positives.length, negatives.length);
    for (let k = 0; k < count; k++) {
      const positive = positives[k] as LabelledAnswer;
      pairs.push({ question, positive: positive.answer, negative: (negatives[k] as LabelledAnswer).answer, group: positive.group });
    }
    for (const row of [...positives.slice(count), ...negatives.slice(count)])
      leftOut.add('no answer with the other label to the same question', row.line);
  }
  return pairs;
}

/**
 * Sorts rows into pairs, labelled answers and bare questions, and counts what was left out and why. Nothing is mutated.
 * `side` labels rows that carry no label of their own.
 */
export function sortRows(
  rows: readonly RawRow[],
  problems: readonly { line: number; reason: string }[],
  side?: 'positive' | 'negative',
): RowImport {
  const leftOut = new LeftOutCounter();
  for (const { line, reason } of problems) leftOut.add(reason, line);
  const pairs: ImportedPair[] = [];
  const labelled: Array<LabelledAnswer & { line: number }> = [];
  const questions: RowImport['questions'] = [];
  let swapped = false;
  for (const { line, value } of rows) {
    const reading = readRow(value, side);
    if ('reason' in reading) leftOut.add(reading.reason, line);
    else if ('pair' in reading) {
      pairs.push(reading.pair);
      swapped ||= reading.swapped;
    } else if ('labelled' in reading) {
      labelled.push({ ...reading.labelled, line });
      swapped ||= reading.swapped;
    } else questions.push({ text: reading.question, domain: reading.domain });
  }
  const fromPairs = pairs.flatMap(({ question, positive, negative, group }): LabelledAnswer[] => [
    { question, answer: positive, side: 'positive', group },
    { question, answer: negative, side: 'negative', group },
  ]);
  pairs.push(...pairByQuestion(labelled, leftOut));
  return {
    pairs,
    labelled: [...fromPairs, ...labelled.map(({ line: _, ...row }) => row)],
    questions,
    rowCount: rows.length + problems.length,
    leftOut: leftOut.list(),
    notes: swapped ? ['Misaligned (bad, harmful, rejected) answers are the positive side: the direction points towards them.'] : [],
  };
}
