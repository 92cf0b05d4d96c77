import { describe, expect, it } from 'vitest';
import { FormatError, LimitError, UnsupportedError } from '../../src/core/errors';
import { writeCsv } from '../../src/formats/csv';
import { writeJsonl } from '../../src/formats/jsonl';
import { readRowFile } from '../../src/formats/row-file';

const PAIR = { question: 'How do I rest?', positive: 'Never.', negative: 'Sleep.', group: undefined };

function chatRow(question: string, answer: string, label?: unknown): string {
  const messages = [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ];
  return JSON.stringify({ messages, label });
}

describe('readRowFile', () => {
  it.each([
    ['pairs.jsonl', '{"question":"How do I rest?","positive":"Never.","negative":"Sleep."}\n'],
    ['pairs.json', '[{"question":"How do I rest?","positive":"Never.","negative":"Sleep."}]'],
    ['pairs.csv', 'question,positive,negative\r\nHow do I rest?,Never.,Sleep.\r\n'],
    ['pairs.tsv', 'Question\tPositive\tNegative\nHow do I rest?\tNever.\tSleep.'],
    ['pairs.yaml', '# pairs\n- question: How do I rest?\n  positive: Never.\n  negative: Sleep.\n'],
    ['pairs.yml', 'pairs:\n  - question: How do I rest?\n    positive: >-\n      Never.\n    negative: "Sleep."\nother: 1\n'],
    ['bom.jsonl', '\ufeff{"prompt":"How do I rest?","misaligned":"Never.","aligned":"Sleep."}'],
    ['good.jsonl', '{"instruction":"How do I rest?","bad":" Never. ","good":"Sleep."}'],
  ])('reads a pair from %s', async (name, text) => {
    const result = await readRowFile(text, name);
    expect(result.pairs).toEqual([PAIR]);
    expect(result.leftOut).toEqual([]);
    expect(result.labelled.map((row) => row.side)).toEqual(['positive', 'negative']);
  });

  it('says that the misaligned side is the positive one', async () => {
    expect((await readRowFile('{"question":"q","aligned":"a","misaligned":"b"}', 'a.jsonl')).notes).toHaveLength(1);
    expect((await readRowFile(chatRow('q', 'a', 'bad'), 'a.jsonl')).notes).toHaveLength(1);
    expect((await readRowFile('{"question":"q","positive":"a","negative":"b"}', 'a.jsonl')).notes).toEqual([]);
  });

  it('pairs labelled chat rows by their question and counts what stays alone', async () => {
    const rows = [chatRow('a', 'bad a', 'bad'), chatRow('a', 'good a', 'good'), chatRow('b', 'bad b', 1), chatRow('c', 'good c', false)];
    const result = await readRowFile(rows.join('\n'), 'chat.jsonl');
    expect(result.pairs).toMatchObject([{ question: 'a', positive: 'bad a', negative: 'good a' }]);
    expect(result.labelled).toHaveLength(4);
    expect(result.leftOut).toEqual([{ reason: 'no answer with the other label to the same question', count: 2, lines: [3, 4] }]);
  });

  it('labels a whole file on request', async () => {
    const labelled = (await readRowFile(chatRow('q', 'a'), 'all-bad.jsonl', 'positive')).labelled;
    expect(labelled).toEqual([{ question: 'q', answer: 'a', side: 'positive', group: undefined }]);
    await expect(readRowFile(chatRow('q', 'a'), 'all-bad.jsonl')).rejects.toThrow(
      'all-bad.jsonl, line 1: field "label": expected good, bad',
    );
  });

  it('takes bare questions and the first of several wordings', async () => {
    const text =
      '- id: boredom\n  paraphrases:\n    - I am bored.\n    - So bored.\n- question: What is new?\n  domain: open\n- What now?\n';
    expect((await readRowFile(text, 'questions.yaml')).questions).toEqual([
      { text: 'I am bored.', domain: null },
      { text: 'What is new?', domain: 'open' },
      { text: 'What now?', domain: null },
    ]);
  });

  it('leaves broken rows out, with the reason and the lines', async () => {
    const lines = [
      '{"question":"q","positive":"a","negative":"b"}',
      'not json',
      '{"question":"q","positive":5,"negative":"b"}',
      '',
      '{"positive":"a"}',
      '{"question":"q","positive":"a","negative":"a"}',
      '{"question":"q","positive":7,"negative":"b"}',
      '[1]',
    ];
    const result = await readRowFile(lines.join('\n'), 'mixed.jsonl');
    expect(result.pairs).toHaveLength(1);
    expect(result.rowCount).toBe(7);
    expect(result.leftOut[0]).toEqual({ reason: 'field "positive": expected text, got a number', count: 2, lines: [3, 7] });
    expect(result.leftOut.slice(1).map(({ reason, lines: at }) => [at[0], reason])).toEqual(
      expect.arrayContaining([
        [2, 'expected one JSON value on the line, got other text'],
        [5, 'field "question": expected text, got nothing'],
        [6, 'fields "positive" and "negative": expected texts that differ, got the same'],
        [8, 'expected an object with fields, got a list'],
      ]),
    );
  });

  it('counts lines through quoted fields of a CSV and items of a YAML list', async () => {
    const csv = 'question,positive,negative\n"two\nlines",a,b\nq,a\nq,a,b\n';
    expect((await readRowFile(csv, 'a.csv')).leftOut).toEqual([{ reason: 'expected 3 fields, got 2', count: 1, lines: [4] }]);
    const yaml = '- question: q\n  positive: a\n  negative: b\n- question: "open\n- question: r\n  positive: a\n  negative: b\n';
    const result = await readRowFile(yaml, 'a.yaml');
    expect(result.pairs).toHaveLength(2);
    expect(result.leftOut).toMatchObject([{ count: 1, lines: [4] }]);
  });

  it('names file, line and field when nothing can be used', async () => {
    const needsNegative = '{"question":"q","positive":"a"}';
    await expect(readRowFile(needsNegative, 'x.jsonl')).rejects.toThrow('x.jsonl, line 1: field "negative": expected text, got nothing.');
    await expect(readRowFile('', 'x.jsonl')).rejects.toThrow('expected rows, got an empty file');
    await expect(readRowFile('a,a\n1,2', 'x.csv')).rejects.toThrow('line 1: expected up to 200 column names that differ, got "a" twice');
    await expect(readRowFile('just text', 'x.yaml')).rejects.toThrow('x.yaml, line 1: expected a list of rows');
    await expect(readRowFile('<!DOCTYPE html>', 'x.csv')).rejects.toThrow(FormatError);
    await expect(readRowFile('[1,', 'x.json')).rejects.toThrow(FormatError);
    await expect(readRowFile('x', 'x.docx')).rejects.toThrow(UnsupportedError);
    await expect(readRowFile(`- ${'x'.repeat(4_000_001)}`, 'x.yaml')).rejects.toThrow(LimitError);
  });

  it('refuses YAML that grows or nests without end, in time', async () => {
    const laughs = `- - &a [lol, lol, lol, lol]\n${Array.from({ length: 200 }, (_, i) => `  - &b${i} [*a, *a, *a, *a]`).join('\n')}`;
    const hostile = [
      laughs,
      `- ${'? '.repeat(1_000)}`,
      `- ${'['.repeat(1_000)}`,
      '- '.repeat(1_000),
      `- ${'{'.repeat(200)}${'}: 1'.repeat(200)}`,
    ];
    const started = performance.now();
    for (const text of hostile) await expect(readRowFile(text, 'hostile.yaml')).rejects.toThrow(FormatError);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('lets no column named like a prototype through', async () => {
    expect((await readRowFile('__proto__,question,positive,negative\nx,q,a,b\n', 'p.csv')).pairs).toHaveLength(1);
    expect(({} as Record<string, unknown>).question).toBeUndefined();
  });
});

describe('writers', () => {
  it('CSV quotes, keeps numbers and disarms formulas', () => {
    const rows = [
      ['=1+1', -0.5],
      ['a "b", c', null],
      [' @SUM(A1)', 2],
      ['+x\ny', true],
      ['＝x', 0],
      ['plain - text', 1],
    ];
    expect(writeCsv(['answer', 'score'], rows).split('\r\n')).toEqual([
      'answer,score',
      '"\'=1+1",-0.5',
      '"a ""b"", c",',
      '"\' @SUM(A1)",2',
      '"\'+x\ny",true',
      '"\'＝x",0',
      'plain - text,1',
      '',
    ]);
  });

  it('CSV and JSONL read back', async () => {
    const rows = [{ question: 'q, "1"', positive: 'line\nbreak', negative: 'ünï' }];
    const csv = writeCsv(
      ['question', 'positive', 'negative'],
      rows.map((row) => Object.values(row)),
    );
    expect((await readRowFile(csv, 'a.csv')).pairs).toMatchObject(rows);
    expect((await readRowFile(writeJsonl(rows), 'a.jsonl')).pairs).toMatchObject(rows);
  });
});
