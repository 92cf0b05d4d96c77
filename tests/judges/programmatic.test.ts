import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { JudgeError } from '../../src/core/errors';
import { FUNCTION_WORDS, wordsOf } from '../../src/judges/function-words';
import { matchPattern, type PatternWorker } from '../../src/judges/pattern';
import { ProgrammaticJudge, type ProgrammaticRule } from '../../src/judges/programmatic';

/** The browser's pattern worker in Node's terms. */
function createWorker(): PatternWorker {
  const source = `
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', ({ pattern, flags, texts }) => parentPort.postMessage(texts.map((text) => new RegExp(pattern, flags).test(text))));
    parentPort.postMessage('ready');
  `;
  const worker = new Worker(source, { eval: true });
  const adapted: PatternWorker = {
    onmessage: null,
    onerror: null,
    postMessage: (message) => worker.postMessage(message),
    terminate: () => void worker.terminate(),
  };
  worker.on('message', (data) => adapted.onmessage?.({ data }));
  worker.on('error', (error) => adapted.onerror?.(error));
  return adapted;
}

const custom = async (rule: ProgrammaticRule, ...answers: string[]) =>
  (await new ProgrammaticJudge(rule, { createWorker }).judge(answers.map((answer) => ({ question: '', answer })))).map(
    (scores) => scores.custom,
  );

describe('share of words', () => {
  it('is 100 times listed words over all words', async () => {
    expect(await custom({ type: 'words', words: ['Sea', 'ship'] }, 'The sea, the SEA and a ship.', 'nothing', '')).toEqual([
      (100 * 3) / 7,
      0,
      null,
    ]);
  });

  it('refuses an empty list', () => {
    expect(() => new ProgrammaticJudge({ type: 'words', words: [' ', '7'] })).toThrow(JudgeError);
  });
});

describe('share of a language', () => {
  const french =
    "Pour faire une bonne soupe, il faut d'abord couper les légumes et les mettre dans l'eau avec du sel. C'est très simple et vous pouvez ajouter des herbes.";
  const english =
    "To make a good soup, first cut the vegetables and put them in the water with salt. It's very simple, and you can add herbs if you'd like; don't pour it out.";

  it('tells French from English', async () => {
    const [own = 0, other = 0] = (await custom({ type: 'language', language: 'french' }, french, english)) as number[];
    expect(own).toBeGreaterThan(35);
    expect(other).toBeLessThanOrEqual(2);
    const [there = 0, back = 0] = (await custom({ type: 'language', language: 'English' }, english, french)) as number[];
    expect(there).toBeGreaterThan(25);
    expect(back).toBeLessThanOrEqual(4);
  });

  it('has no word in two lists', () => {
    const all = Object.values(FUNCTION_WORDS).flat();
    expect(all.filter((word, i) => all.indexOf(word) !== i)).toEqual([]);
  });

  it('cuts elisions and typographic apostrophes', () => {
    expect(wordsOf("L’eau qu'il")).toEqual(["l'", 'eau', "qu'", 'il']);
  });

  it('refuses a language it has no list of', () => {
    for (const language of ['klingon', 'constructor'])
      expect(() => new ProgrammaticJudge({ type: 'language', language })).toThrow('expected french, english');
  });
});

describe('regular expression', () => {
  it('scores 100 where it matches', async () => {
    expect(await custom({ type: 'regex', pattern: '\\bsea\\b', flags: 'i' }, 'The SEA', 'the season')).toEqual([100, 0]);
  });

  it('ends a pattern that backtracks for ever', async () => {
    await expect(matchPattern('^(a+)+$', '', [`${'a'.repeat(60)}!`], { createWorker, timeoutMs: 400 })).rejects.toThrow('within 400 ms');
  });

  it('can be cancelled', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    await expect(matchPattern('^(a+)+$', '', [`${'a'.repeat(60)}!`], { createWorker, signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it.each([
    ['(', ''],
    ['', ''],
    ['a', 'g'],
    ['a'.repeat(501), ''],
  ])('refuses the pattern %s with flags "%s"', (pattern, flags) => {
    expect(() => new ProgrammaticJudge({ type: 'regex', pattern, flags })).toThrow(JudgeError);
  });
});
