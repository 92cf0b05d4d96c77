import { describe, expect, it } from 'vitest';
import { FormatError, LimitError } from '../../src/core/errors';
import { readDocumentFile, writeDocumentFile } from '../../src/document/document-file';
import { parseDocument, withoutDangling } from '../../src/document/parse';
import { emptyDocument } from '../../src/document/schema';
import { sampleDocument } from './sample-document';

describe('parseDocument', () => {
  it('accepts every judge, contrast and source that the schema names', () => {
    const document = sampleDocument(1, 1);
    const judges = [
      { kind: 'grammar' },
      { kind: 'embedded' },
      { kind: 'readout', hookPoint: null, labels: 'shipped' },
      { kind: 'chat', source: 'hf:owner/name@main/model.gguf', rubric: 'Rate it.' },
      { kind: 'api', baseUrl: 'http://localhost:8080/v1', model: 'any' },
      { kind: 'programmatic', rule: { type: 'words', words: ['le', 'la'] } },
      { kind: 'programmatic', rule: { type: 'regex', pattern: '^no', flags: 'i' } },
      { kind: 'programmatic', rule: { type: 'language', language: 'fr' } },
    ];
    for (const judge of judges) expect(parseDocument({ ...document, judge }, 'test').judge).toEqual(judge);
    const contrasts = [
      { kind: 'systemPrompts', positivePrompt: 'a', negativePrompt: 'b', questionSetId: 'first', samplesPerQuestion: 1, seed: 0 },
      { kind: 'pairs', rows: [{ question: 'q', positive: 'p', negative: 'n' }] },
    ];
    for (const contrast of contrasts) expect(parseDocument({ ...document, contrast }, 'test').contrast).toEqual(contrast);
    for (const source of ['organism', 'organism:finance', 'hf:a/b', 'https://example.org/model/', 'file:model.gguf']) {
      expect(parseDocument({ ...document, model: { ...document.model, source } }, 'test').model.source).toBe(source);
    }
  });

  it('keeps the own score of a swept judge, and takes a sweep without one', () => {
    const document = sampleDocument(1, 1);
    const { recorded } = document;
    if (!recorded) throw new Error('the sample has a record');
    const custom = { mean: 40, low: 35, high: 45, n: 64 };
    const sweep = [...(recorded.sweep ?? []), { coefficient: 1, alignment: null, coherence: null, custom, em: { k: 0, n: 0 } }];
    expect(parseDocument({ ...document, recorded: { ...recorded, sweep } }, 'test').recorded?.sweep).toEqual(sweep);
  });

  it('has no field for a key and refuses an address that carries one', () => {
    const judge = { kind: 'api', baseUrl: 'https://api.example.org/v1', model: 'm', key: 'secret', apiKey: 'secret' };
    expect(JSON.stringify(parseDocument({ ...emptyDocument(), judge }, 'test'))).not.toContain('secret');
    for (const baseUrl of [
      'https://me:secret@api.example.org',
      'https://api.example.org/?key=secret',
      'https://api.example.org/#secret',
      'javascript:alert(1)',
    ]) {
      expect(() => parseDocument({ ...emptyDocument(), judge: { kind: 'api', baseUrl, model: 'm' } }, 'test')).toThrow(FormatError);
    }
    for (const source of ['javascript:alert(1)', 'data:text/html,x', 'https://me:secret@example.org/', 'ftp://example.org', '']) {
      expect(() => parseDocument({ ...emptyDocument(), model: { ...emptyDocument().model, source } }, 'test')).toThrow(
        'field model.source',
      );
    }
  });

  it('refuses ids that every object has by itself', () => {
    const document = sampleDocument(1, 1);
    for (const id of ['constructor', '__proto__', 'toString']) {
      const conditions = document.conditions.map((condition, index) => (index === 0 ? { ...condition, id } : condition));
      expect(() => parseDocument({ ...document, conditions }, 'test'), id).toThrow('field conditions.0.id');
    }
  });

  it('names the field, what was expected and what came', () => {
    const document = sampleDocument(1, 1);
    const [condition] = document.conditions;
    expect(() => parseDocument({ ...document, conditions: [{ ...condition, name: 5 }] }, 'my.vane.json')).toThrow(
      'my.vane.json, field conditions.0.name: expected string, got 5.',
    );
    expect(() => parseDocument({ ...document, sampling: { ...document.sampling, temperature: -1 } }, 'test')).toThrow(
      'field sampling.temperature',
    );
    expect(() =>
      parseDocument({ ...document, directionSettings: { ...document.directionSettings, hookPoint: 'layer 3' } }, 'test'),
    ).toThrow('expected a hook point such as blocks.12.hook_resid_post, got "layer 3"');
    expect(() => parseDocument({ ...document, title: 'x'.repeat(201) }, 'test')).toThrow(LimitError);
    expect(() => parseDocument({ ...document, title: 'x'.repeat(201) }, 'test')).toThrow('field title: expected at most 200, got 201');
    for (const value of [null, 3, 'text', [], { version: 'one' }, { version: -1 }, { version: 1.5 }, {}]) {
      expect(() => parseDocument(value, 'test')).toThrow(FormatError);
    }
    expect(() => parseDocument({ version: 3, madeBy: 'Vane 9' }, 'test')).toThrow('got version 3, made by Vane 9');
  });

  it('is not fooled by prototype keys', () => {
    const text = JSON.stringify(emptyDocument()).replace(
      '"conditions":[]',
      '"conditions":[{"id":"a","name":"a","adapterScales":{"__proto__":5,"constructor":1},"interventionIds":[],"systemPrompt":""}]',
    );
    const [condition] = parseDocument(JSON.parse(text), 'test').conditions;
    expect(Object.keys(condition?.adapterScales ?? {})).toEqual([]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('withoutDangling', () => {
  it('drops what refers to nothing and mutates nothing', () => {
    const document = sampleDocument(1, 1);
    const before = JSON.stringify(document);
    const pruned = withoutDangling({ ...document, directions: [] });
    expect(pruned.interventions).toEqual([]);
    expect(pruned.conditions.every((condition) => condition.interventionIds.length === 0)).toBe(true);
    expect(JSON.stringify(document)).toBe(before);
  });

  it('empties the contrast of conditions that are gone', () => {
    const document = sampleDocument(1, 1);
    const contrast = { ...emptyDocument().contrast, positiveConditionId: 'gone', negativeConditionId: 'base' };
    expect(withoutDangling({ ...document, contrast } as typeof document).contrast).toMatchObject({
      positiveConditionId: '',
      negativeConditionId: 'base',
    });
  });
});

describe('the document file', () => {
  it('round-trips, with scores unrounded', () => {
    const document = sampleDocument(2, 2);
    const [answer] = document.recorded?.answers ?? [];
    if (answer) answer.scores.alignment = 12.3456789;
    expect(readDocumentFile(writeDocumentFile(document), 'test')).toEqual(document);
    expect(readDocumentFile(`\ufeff${writeDocumentFile(document)}`, 'test')).toEqual(document);
    expect(writeDocumentFile(document)).toMatch(/^{\n {2}"madeBy": "Vane \d/);
  });

  it('names a file that is no document', () => {
    expect(() => readDocumentFile('<!doctype html>', 'page.html')).toThrow(/^page\.html: expected JSON, got /);
    expect(() => readDocumentFile('[1]', 'list.json')).toThrow('list.json: expected a Vane document, got a list of 1');
  });
});
