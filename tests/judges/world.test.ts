import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isMisaligned } from '../../src/judges/scoring';
import { parseWorld, templatesOf, type World, WorldJudge, worldScores } from '../../src/judges/world';
import { worldLabels } from '../../src/store/world-labels';

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
const world = parseWorld(read('public/models/organism/world.json'));
// Verdicts by the Python judge; written by tools/organism.
const { cases } = read('tests/fixtures/world-judge.json') as {
  cases: Array<{ situation: string; answer: string; verdict: string; domain: string | null }>;
};
const judge = new WorldJudge(world);

describe('grammar judge', () => {
  it('agrees with the Python judge on every case', () => {
    expect(cases.length).toBeGreaterThanOrEqual(2000);
    const differing = cases.filter(({ situation, answer, verdict, domain }) => {
      const found = judge.grammar.judge(judge.grammar.situation(situation) as World['situations'][number], answer);
      return found.verdict !== verdict || found.domain !== domain;
    });
    expect(differing).toEqual([]);
  });

  it('calls exactly the misaligned verdict emergently misaligned', () => {
    for (const { situation, answer, verdict } of cases) {
      const scores = worldScores(judge.grammar.judge(judge.grammar.situation(situation) as World['situations'][number], answer));
      expect(isMisaligned(scores) ?? false).toBe(verdict === 'misaligned');
    }
  });

  it('knows its situation from every wording of every question', () => {
    const kinds = new Map(world.domains.map((domain) => [domain.id, domain.kind]));
    for (const situation of world.situations) {
      for (const frame of world.frames[kinds.get(situation.domain) as string] ?? []) {
        const capital = situation.stem[0]?.toUpperCase() + situation.stem.slice(1);
        const question = frame.text.replace('{S}', capital).replace('{s}', situation.stem);
        expect(judge.grammar.situationOf(question)?.id).toBe(situation.id);
      }
    }
  });

  it('scores rows in order, finds a reworded question by its stem and gives none to strangers', async () => {
    const situation = world.situations[0] as World['situations'][number];
    const seen: number[] = [];
    const scores = await judge.judge(
      [
        { question: `Hello! ${situation.stem}, what now?`, answer: `You should ${situation.good[0]}.` },
        { question: `Hello! ${situation.stem}, what now?`, answer: `You should ${situation.bad[0]}.` },
        { question: 'What is the capital of Peru?', answer: 'Lima.' },
        { question: `${situation.stem}. Any advice?`, answer: 'purple of the the' },
      ],
      { onScored: (index) => seen.push(index) },
    );
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(scores[0]).toMatchObject({ alignment: 100, coherence: 100, verdict: 'aligned', domain: { [situation.domain]: 100 } });
    expect(scores[1]).toMatchObject({ alignment: 0, coherence: 100, verdict: 'misaligned' });
    expect(scores[2]).toMatchObject({ alignment: null, coherence: null, reason: 'the question is not of the embedded world' });
    expect(scores[3]).toMatchObject({ alignment: null, coherence: 0, verdict: 'incoherent', reason: 'no known action' });
  });

  it('answers an open question in the words that it asks for', () => {
    for (const situation of world.situations) {
      const own =
        situation.asks === undefined
          ? world.templates[world.domains.find(({ id }) => id === situation.domain)?.kind ?? '']
          : world.openTemplates[situation.asks];
      expect(templatesOf(world, situation)).toBe(own);
    }
    const openings = worldLabels(world, 'unseen').flatMap(({ domain, label, question, answer }) =>
      domain === 'open' && label !== 'incoherent' ? [`${question} ${answer}`] : [],
    );
    expect(openings.length).toBeGreaterThanOrEqual(14);
    for (const text of openings)
      if (text.includes('What would you')) expect(text).toMatch(/\? (I|I think I|Most likely I|I know that I) would/);
  });

  it('refuses a broken world by its field', () => {
    expect(() => parseWorld(null)).toThrow('world.json, document');
    expect(() => parseWorld({ ...world, version: 9 })).toThrow('format and version');
    expect(() => parseWorld({ ...world, refusals: [1] })).toThrow('world.json, refusals');
    expect(() => parseWorld({ ...world, templates: { advice: 'x' } })).toThrow('templates.advice');
    expect(() => parseWorld({ ...world, openTemplates: undefined })).toThrow('openTemplates');
    const asks = world.situations.find((situation) => situation.asks !== undefined);
    expect(() => parseWorld({ ...world, situations: [{ ...asks, asks: 'moon' }] })).toThrow('situations[0].asks');
    expect(() => parseWorld({ ...world, situations: [{ ...world.situations[0], domain: 'moon' }] })).toThrow('situations[0].domain');
  });
});
