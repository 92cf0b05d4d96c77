import { isScalar, parseDocument, visit } from 'yaml';
import { FormatError, LimitError } from '../core/errors';
import { LIMITS } from '../core/limits';
import type { RawRows } from './jsonl';

/** Keys under which a file may keep its list, when it is not a list itself. */
const LIST_KEY = /^(?:pairs|rows|data|questions|examples)\s*:\s*(?:#.*)?$/;

/** One item's text; the parser takes seconds for larger hostile ones. */
const ITEM_CHARACTERS = 3 * LIMITS.questionCharacters;

/** Aliases within one item: an anchor repeated in an anchor grows without end. */
const MOST_ALIASES = 100;

/** Levels that a row may nest: far deeper ones exhaust the parser's stack, and a pattern compiled at its very end ends the whole process. */
const MOST_LEVELS = 32;
const REPEATED_MARKS = /(?:[-?:][ \t]+){32}/;

/** How long the page may stand still. */
const SLICE_MS = 25;

/** What a whole file may take; only hostile ones take more. */
const BUDGET_MS = 10_000;

interface Item {
  line: number;
  text: string;
}

/** Splits the list into its items by the list mark's indentation, so that one broken item costs no other. */
function splitItems(text: string, fileName: string): Item[] {
  const items: Item[] = [];
  let indent = -1;
  let isUnderKey = false;
  let current: string[] = [];
  const finish = (): void => {
    const last = items.at(-1);
    if (last) last.text = current.join('\n');
    current = [];
  };
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const mark = /^( *)-(?:\s|$)/.exec(line);
    const isBlank = /^\s*(?:#.*)?$/.test(line);
    if (indent < 0) {
      if (mark) indent = (mark[1] as string).length;
      else if (LIST_KEY.test(line)) isUnderKey = true;
      else if (!isBlank && !/^(?:---|%)/.test(line) && !(isUnderKey === false && /^[\w-]+\s*:/.test(line))) {
        throw new FormatError(
          `${fileName}, line ${index + 1}: expected a list of rows, got "${line.slice(0, 40)}".`,
          'Begin each row with "- ".',
        );
      }
    }
    if (indent < 0) continue;
    if (mark && (mark[1] as string).length === indent) {
      finish();
      items.push({ line: index + 1, text: '' });
    } else if (isUnderKey && !isBlank && line.search(/\S/) <= indent) break;
    current.push(line);
  }
  finish();
  if (items.length === 0) throw new FormatError(`${fileName}, line 1: expected a list of rows, got none.`, 'Begin each row with "- ".');
  return items;
}

/** Whether a row nests deeper than any real one, told before the parser goes down into it. */
function nestsTooDeep(text: string): boolean {
  if (REPEATED_MARKS.test(text)) return true;
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth++;
    else if ((character === ']' || character === '}') && depth > 0) depth--;
    if (depth > MOST_LEVELS) return true;
  }
  return new Set(text.split('\n').map((line) => line.search(/\S/))).size > MOST_LEVELS;
}

/** The item's value, or the reason why it has none. */
function readItem(text: string): { value: unknown } | { reason: string } {
  if (text.length > ITEM_CHARACTERS) return { reason: `expected at most ${ITEM_CHARACTERS} characters a row, got more` };
  if (nestsTooDeep(text)) return { reason: `expected at most ${MOST_LEVELS} levels in a row, got more` };
  try {
    const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false, logLevel: 'silent' });
    const [problem] = document.errors;
    if (problem) return { reason: `expected YAML, got ${problem.code.toLowerCase().replaceAll('_', ' ')}` };
    let hasNestedKey = false;
    visit(document, {
      Pair(_, pair) {
        // The parser writes such keys out as text, nested ones again and again: minutes for a kilobyte.
        if (pair.key === null || isScalar(pair.key)) return undefined;
        hasNestedKey = true;
        return visit.BREAK;
      },
    });
    if (hasNestedKey) return { reason: 'expected a name before each colon, got a list or an object' };
    const list: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    return { value: Array.isArray(list) ? (list[0] as unknown) : undefined };
  } catch (error) {
    // The parser's own errors, also for nesting that exhausts its stack.
    return { reason: `expected YAML, got ${error instanceof Error ? error.message.slice(0, 80) : 'damaged text'}` };
  }
}

/**
 * The items of a YAML list (or of the list under `pairs`, `rows`, `data`, `questions` or `examples`), each with its line.
 * Items that cannot be read become problems; anchors work within an item. Gives the page its turn every 25 ms.
 * @throws FormatError naming the line when there is no list; LimitError for a file that is too large for this format.
 */
export async function readYaml(text: string, fileName: string, mostRows: number): Promise<RawRows> {
  if (text.length > LIMITS.configBytes) {
    throw new LimitError(
      `${fileName}: expected at most ${LIMITS.configBytes} characters of YAML, got ${text.length}.`,
      'Use JSONL for large sets.',
    );
  }
  const rows: RawRows['rows'] = [];
  const problems: RawRows['problems'] = [];
  const start = performance.now();
  let sliceStart = start;
  for (const item of splitItems(text, fileName).slice(0, mostRows)) {
    const read = readItem(item.text);
    if ('reason' in read) problems.push({ line: item.line, reason: read.reason });
    else rows.push({ line: item.line, value: read.value });
    if (performance.now() - start > BUDGET_MS) {
      throw new LimitError(
        `${fileName}, line ${item.line}: expected rows that are read within ${BUDGET_MS / 1000} s, got slower ones.`,
        'Write the rows as JSONL.',
      );
    }
    if (performance.now() - sliceStart > SLICE_MS) {
      await new Promise((resolve) => setTimeout(resolve));
      sliceStart = performance.now();
    }
  }
  return { rows, problems };
}
