/** A regular expression as a map from start positions to end positions, so that no pattern can take exponential time. */
type Node = (text: string, starts: ReadonlySet<number>) => Set<number>;

/** A pattern that this matcher does not have, such as a back-reference. */
export class PatternSyntaxError extends Error {}

const MAX_PATTERN = 20_000;
const MAX_REPEAT = 1_000;

/**
 * Whether all of `text` matches a Python pattern (`re.fullmatch`), in time polynomial in both lengths.
 * Has literals, classes, groups, alternatives, repeats, anchors, `\b` and look-ahead.
 * @throws PatternSyntaxError for anything else.
 */
export function fullMatch(pattern: string, text: string): boolean {
  if (pattern.length > MAX_PATTERN) throw new PatternSyntaxError('a pattern that is too long');
  return new PatternParser(pattern)
    .parse()(text, new Set([0]))
    .has(text.length);
}

class PatternParser {
  private position = 0;
  private depth = 0;

  constructor(private readonly pattern: string) {}

  parse(): Node {
    const node = this.alternatives();
    if (this.position < this.pattern.length) throw new PatternSyntaxError('an unmatched )');
    return node;
  }

  private alternatives(): Node {
    const branches = [this.sequence()];
    while (this.take('|')) branches.push(this.sequence());
    return (text, starts) => {
      const ends = new Set<number>();
      for (const branch of branches) for (const end of branch(text, starts)) ends.add(end);
      return ends;
    };
  }

  private sequence(): Node {
    const parts: Node[] = [];
    while (this.position < this.pattern.length && !'|)'.includes(this.pattern[this.position] as string))
      parts.push(this.repeated(this.atom()));
    return (text, starts) => parts.reduce((positions, part) => (positions.size === 0 ? positions : part(text, positions)), new Set(starts));
  }

  private repeated(atom: Node): Node {
    let node = atom;
    for (;;) {
      const bounds = this.bounds();
      if (!bounds) return node;
      if (!this.take('?')) this.take('+');
      node = repeat(node, bounds[0], bounds[1]);
    }
  }

  private bounds(): [number, number] | null {
    if (this.take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.take('?')) return [0, 1];
    const match = /^\{(\d{0,4})(,?)(\d{0,4})\}/.exec(this.pattern.slice(this.position, this.position + 12));
    if (!match || (match[1] === '' && match[3] === '')) return null;
    this.position += match[0].length;
    const least = Number(match[1] || 0);
    const most = match[2] === '' ? least : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (least > MAX_REPEAT || most < least) throw new PatternSyntaxError(`the repeat ${match[0]}`);
    return [least, most];
  }

  private atom(): Node {
    const character = this.pattern[this.position++] as string;
    if (character === '(') return this.group();
    if (character === '[') return oneOf(this.characterClass());
    if (character === '.') return oneOf((value) => value !== '\n');
    if (character === '^') return at((_, position) => position === 0);
    if (character === '$') return at((text, position) => position === text.length);
    if (character === '\\') return this.escape();
    if ('*+?'.includes(character)) throw new PatternSyntaxError(`a repeat of nothing at character ${this.position - 1}`);
    return oneOf((value) => value === character);
  }

  private group(): Node {
    if (++this.depth > 100) throw new PatternSyntaxError('groups nested too deep');
    const look = this.take('?=') ? 'ahead' : this.take('?!') ? 'notAhead' : null;
    if (!look && !this.take('?:')) {
      const name = /^\?P?<\w+>/.exec(this.pattern.slice(this.position, this.position + 80));
      if (name) this.position += name[0].length;
      else if (this.pattern[this.position] === '?')
        throw new PatternSyntaxError(`the group (${this.pattern.slice(this.position, this.position + 4)}`);
    }
    const node = this.alternatives();
    if (!this.take(')')) throw new PatternSyntaxError('a group without its )');
    this.depth--;
    if (!look) return node;
    return at((text, position) => node(text, new Set([position])).size > 0 === (look === 'ahead'));
  }

  private escape(): Node {
    const character = this.pattern[this.position++];
    if (character === undefined) throw new PatternSyntaxError('a backslash at the end');
    if (character === 'A') return at((_, position) => position === 0);
    if (character === 'Z') return at((text, position) => position === text.length);
    if (character === 'b') return at(isWordBoundary);
    if (character === 'B') return at((text, position) => !isWordBoundary(text, position));
    return oneOf(escapeClass(character));
  }

  private characterClass(): (value: string) => boolean {
    const negated = this.take('^');
    const tests: Array<(value: string) => boolean> = [];
    for (let first = true; first || this.pattern[this.position] !== ']'; first = false) {
      const low = this.classItem();
      if (typeof low === 'string' && this.pattern[this.position] === '-' && this.pattern[this.position + 1] !== ']') {
        this.position++;
        const high = this.classItem();
        if (typeof high !== 'string' || high < low) throw new PatternSyntaxError('a class with a wrong range');
        tests.push((value) => value >= low && value <= high);
      } else tests.push(typeof low === 'string' ? (value) => value === low : low);
    }
    this.position++;
    return (value) => tests.some((test) => test(value)) !== negated;
  }

  private classItem(): string | ((value: string) => boolean) {
    const character = this.pattern[this.position++];
    if (character === undefined) throw new PatternSyntaxError('a class without its ]');
    if (character !== '\\') return character;
    const escaped = this.pattern[this.position++];
    if (escaped === undefined) throw new PatternSyntaxError('a class without its ]');
    return /[A-Za-z0-9]/.test(escaped) ? escapeClass(escaped) : escaped;
  }

  private take(expected: string): boolean {
    if (!this.pattern.startsWith(expected, this.position)) return false;
    this.position += expected.length;
    return true;
  }
}

function escapeClass(character: string): (value: string) => boolean {
  if ('dD'.includes(character)) return (value) => /\d/.test(value) === (character === 'd');
  if ('wW'.includes(character)) return (value) => /\w/.test(value) === (character === 'w');
  if ('sS'.includes(character)) return (value) => /\s/.test(value) === (character === 's');
  if (/[A-Za-z0-9]/.test(character)) throw new PatternSyntaxError(`the escape \\${character}`);
  return (value) => value === character;
}

function isWordBoundary(text: string, position: number): boolean {
  const isWord = (value: string | undefined) => value !== undefined && /\w/.test(value);
  return isWord(text[position - 1]) !== isWord(text[position]);
}

function oneOf(test: (value: string) => boolean): Node {
  return (text, starts) => {
    const ends = new Set<number>();
    for (const start of starts) if (start < text.length && test(text[start] as string)) ends.add(start + 1);
    return ends;
  };
}

function at(test: (text: string, position: number) => boolean): Node {
  return (text, starts) => new Set([...starts].filter((position) => test(text, position)));
}

function repeat(node: Node, least: number, most: number): Node {
  return (text, starts) => {
    let current = new Set(starts);
    for (let i = 0; i < least && current.size > 0; i++) current = node(text, current);
    const ends = new Set(current);
    for (let i = least; i < most && current.size > 0; i++) {
      const next = new Set<number>();
      for (const end of node(text, current)) if (!ends.has(end)) next.add(end);
      for (const end of next) ends.add(end);
      current = next;
    }
    return ends;
  };
}
