import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ChatTemplate } from '../../src/formats/chat-template';
import { parseGgufHeader } from '../../src/formats/gguf-header';
import { readGgufTokenizer } from '../../src/formats/gguf-tokenizer';
import { HuggingFaceTokenizer } from '../../src/formats/hugging-face-tokenizer';
import { Fields } from '../../src/formats/json-fields';
import { readTokenizerJson } from '../../src/formats/tokenizer-json';
import { FIXTURES, readGzippedJson } from './byte-sources';

const FAMILIES = ['qwen', 'llama3', 'gpt2', 'smollm', 'gemma', 'llama2'];
const strings = readGzippedJson<string[]>('tokenizers/strings.json.gz');

interface Expectations {
  before: number[];
  ids: number[][];
  /** Decoded texts where they differ from the string. */
  decoded: Record<string, string>;
  rows: number[][];
  rowsDecoded: string[];
}

interface Expected {
  vocabSize: number;
  huggingFace: Expectations;
  rendered: Array<{
    messages: Array<{ role: 'system' | 'user' | 'assistant'; content: string }>;
    text?: string;
    ids?: number[];
    refused?: string;
  }>;
}

function fromFolder(family: string): HuggingFaceTokenizer {
  const read = (file: string) => readFileSync(join(FIXTURES, 'tokenizers', family, file), 'utf8');
  const settings = JSON.parse(read('tokenizer_config.json')) as Record<string, unknown>;
  const named = Object.fromEntries(Object.entries(settings).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  const json: unknown = JSON.parse(read('tokenizer.json'));
  return new HuggingFaceTokenizer(
    readTokenizerJson(json, 'tokenizer.json', 1000),
    [],
    new ChatTemplate(read('chat_template.jinja'), 'chat_template.jinja', named),
  );
}

function fromGguf(family: string): HuggingFaceTokenizer {
  const bytes = readFileSync(join(FIXTURES, 'tokenizers', family, 'tokenizer.gguf'));
  const header = parseGgufHeader(bytes, bytes.length, 'tokenizer.gguf');
  if (header === 'more') throw new Error('the header is not whole');
  const metadata = new Fields(Object.fromEntries(Array.from(header.metadata, ([key, { value }]) => [key, value])), 'tokenizer.gguf');
  const { description, endIds, specialTokens } = readGgufTokenizer(metadata, 1000, family === 'gemma');
  return new HuggingFaceTokenizer(
    description,
    endIds,
    new ChatTemplate(metadata.string('tokenizer.chat_template'), 'tokenizer.gguf', specialTokens),
  );
}

/** Strings and rows where the tokenizer and transformers differ. */
function differences(tokenizer: HuggingFaceTokenizer, expected: Expectations): string[] {
  const found: string[] = [];
  const compare = (what: string, text: unknown, got: unknown, wanted: unknown) => {
    if (JSON.stringify(got) !== JSON.stringify(wanted)) found.push(JSON.stringify({ what, text, got, wanted }));
  };
  strings.forEach((text, index) => {
    const ids = expected.ids[index] as number[];
    compare('encode', text, tokenizer.encode(text, { addSpecialTokens: false }), ids);
    compare('encode with special tokens', text, tokenizer.encode(text), [...expected.before, ...ids]);
    compare('decode', text, tokenizer.decode(ids), expected.decoded[index] ?? text);
  });
  expected.rows.forEach((row, index) => {
    compare('decode row', row, tokenizer.decode(row), expected.rowsDecoded[index]);
    compare('token texts', row, tokenizer.tokenTexts(row).length, row.length);
  });
  return found;
}

describe.each(FAMILIES)('the %s kind of tokenizer', (family) => {
  const expected = readGzippedJson<Expected>(`tokenizers/${family}/expected.json.gz`);

  it('from tokenizer.json equals transformers on 1,000 mixed strings', () => {
    const tokenizer = fromFolder(family);
    expect(tokenizer.vocabSize).toBe(expected.vocabSize);
    expect(differences(tokenizer, expected.huggingFace).slice(0, 5)).toEqual([]);
  });

  it('from GGUF equals transformers on 1,000 mixed strings', () => {
    expect(differences(fromGguf(family), expected.huggingFace).slice(0, 5)).toEqual([]);
  });

  it.each([fromFolder, fromGguf])('renders conversations as transformers does (%o)', (open) => {
    const tokenizer = open(family);
    for (const { messages, text, ids, refused } of expected.rendered) {
      if (refused !== undefined) expect(() => tokenizer.render(messages)).toThrow(refused);
      else expect(tokenizer.render(messages)).toBe(text);
      if (text !== undefined) expect(tokenizer.encodeRendered(text)).toEqual(ids);
    }
  });
});

describe('tokenTexts', () => {
  it('gives a character spread over several tokens to its last token', () => {
    const tokenizer = fromFolder('qwen');
    const ids = tokenizer.encode('\u{1fae8}');
    const texts = tokenizer.tokenTexts(ids);
    expect(ids.length).toBeGreaterThan(1);
    expect(texts).toEqual([...Array.from({ length: ids.length - 1 }, () => ''), '\u{1fae8}']);
  });
});
