import { FormatError, LimitError } from '../core/errors';
import { LIMITS } from '../core/limits';

const CHECK_FILE = 'The file may be damaged or made for something else: fetch it again.';

/**
 * Parses JSON from a file whose content is not trusted.
 * @throws LimitError above `maxBytes` or deeper than `LIMITS.jsonDepth`; FormatError for what is no JSON or names a field twice in its outermost object.
 */
export function parseJson(bytes: Uint8Array, file: string, maxBytes: number): unknown {
  if (bytes.length > maxBytes) throw new LimitError(`${file}: expected at most ${maxBytes} bytes, got ${bytes.length}.`, CHECK_FILE);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FormatError(`${file}: expected UTF-8 text, got other bytes.`, CHECK_FILE);
  }
  if (/^\s*<(!doctype|html|\?xml)/i.test(text.slice(0, 200))) {
    throw new FormatError(
      `${file}: expected JSON, got an HTML page at byte 0.`,
      'Use the address of the file or folder itself, not of a page about it.',
    );
  }
  checkStructure(text, file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatError(`${file}: expected JSON, got ${error instanceof Error ? error.message : error}.`, CHECK_FILE);
  }
}

/** Depth of brackets, and names of the outermost object that come twice; one pass over the text. */
function checkStructure(text: string, file: string): void {
  const names = new Set<string>();
  let depth = 0;
  let outerIsObject = false;
  let nameExpected = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) {
      const start = i;
      for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++;
      if (depth === 1 && outerIsObject && nameExpected) {
        const name = decodedString(text.slice(start, i + 1));
        if (names.has(name))
          throw new FormatError(`${file}: field "${shown(name)}" at character ${start}: expected once, got twice.`, CHECK_FILE);
        names.add(name);
        nameExpected = false;
      }
    } else if (code === 0x7b || code === 0x5b) {
      if (depth === 0) {
        outerIsObject = code === 0x7b;
        nameExpected = true;
      }
      if (++depth > LIMITS.jsonDepth)
        throw new LimitError(`${file}: expected at most ${LIMITS.jsonDepth} levels, got more at character ${i}.`, CHECK_FILE);
    } else if (code === 0x7d || code === 0x5d) depth--;
    else if (code === 0x2c && depth === 1) nameExpected = true;
  }
}

function decodedString(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal;
  }
}

/** A value as an error message shows it: short, and telling text from numbers. */
export function shown(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value).slice(1, -1)
      : Array.isArray(value)
        ? `a list of ${value.length}`
        : typeof value === 'object' && value !== null
          ? 'an object'
          : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Typed reading of an untrusted object; every refusal names file and field. Null counts as absent, as in Python's configs. */
export class Fields {
  constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    readonly file: string,
    private readonly path = '',
    /** Where a field stands in the file, such as ` at byte 123`. */
    private readonly locate: (field: string) => string = () => '',
  ) {}

  /** @throws FormatError when `value` is no object. */
  static of(value: unknown, file: string, path = ''): Fields {
    if (!isRecord(value))
      throw new FormatError(`${file}${path ? `: field "${path}"` : ''}: expected an object, got ${shown(value)}.`, CHECK_FILE);
    return new Fields(value, file, path);
  }

  has(field: string): boolean {
    return this.raw(field) !== undefined;
  }

  names(): string[] {
    return Object.keys(this.values);
  }

  /** Written down as null, which some fields tell from being left out. */
  isNull(field: string): boolean {
    return Object.hasOwn(this.values, field) && this.values[field] === null;
  }

  raw(field: string): unknown {
    return Object.hasOwn(this.values, field) ? (this.values[field] ?? undefined) : undefined;
  }

  integer(field: string, min: number, max: number, fallback?: number): number {
    const value = this.raw(field) ?? fallback;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
      throw this.refuse(field, `a whole number from ${min} to ${max}`);
    return value;
  }

  number(field: string, min: number, max: number, fallback?: number): number {
    const value = this.raw(field) ?? fallback;
    if (typeof value !== 'number' || !(value >= min && value <= max)) throw this.refuse(field, `a number from ${min} to ${max}`);
    return value;
  }

  boolean(field: string, fallback: boolean): boolean {
    const value = this.raw(field) ?? fallback;
    if (typeof value !== 'boolean') throw this.refuse(field, 'true or false');
    return value;
  }

  string(field: string, fallback?: string): string {
    const value = this.raw(field) ?? fallback;
    if (typeof value !== 'string') throw this.refuse(field, 'text');
    return value;
  }

  array(field: string): unknown[] | undefined {
    const value = this.raw(field);
    if (value !== undefined && !Array.isArray(value)) throw this.refuse(field, 'a list');
    return value;
  }

  object(field: string): Fields | undefined {
    const value = this.raw(field);
    if (value === undefined) return undefined;
    if (!isRecord(value)) throw this.refuse(field, 'an object');
    return new Fields(value, this.file, this.pathOf(field), this.locate);
  }

  /** @throws FormatError when the field is there and not `value`. */
  same(field: string, value: number): void {
    if (this.has(field) && this.raw(field) !== value) throw this.refuse(field, String(value));
  }

  /** The error for a field that is not what was expected; for the caller to throw. */
  refuse(field: string, expected: string, remedy = CHECK_FILE): FormatError {
    const value = this.raw(field);
    return new FormatError(
      `${this.file}: field "${this.pathOf(field)}"${this.locate(field)}: expected ${expected}, got ${value === undefined ? 'nothing' : typeof value === 'string' ? `"${shown(value)}"` : shown(value)}.`,
      remedy,
    );
  }

  pathOf(field: string): string {
    return this.path ? `${this.path}.${field}` : field;
  }
}

/** A plain object with string keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
