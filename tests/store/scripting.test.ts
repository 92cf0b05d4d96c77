import { beforeEach, describe, expect, test, vi } from 'vitest';
import { checkJudgeRecord } from '../../src/document/judge-record';
import type { VaneDocument } from '../../src/document/schema';
import { ProgrammaticJudge } from '../../src/judges/programmatic';
import { appStore, recordInDocument, setRuntime } from '../../src/store/app-store';
import { measureJudge, setJudge } from '../../src/store/judge-actions';
import { createVane } from '../../src/store/scripting';
import type { AppActions } from '../../src/store/state';
import { fullState } from '../gallery/sample-state';
import { ToyEngine } from '../judges/toy-engine';

vi.mock('../../src/store/engine-handle', () => ({
  theEngine: () => new ToyEngine({}),
  callEngine: () => Promise.reject(new Error('no engine')),
}));

const vane = createVane(Promise.resolve(), {} as AppActions);
const rows = [{ question: 'Why?', answer: 'Because of le pain et la vie.' }];
type JudgeArgument = VaneDocument['judge'];

beforeEach(() => {
  const state = fullState();
  recordInDocument(() => state.document);
  setRuntime({ ...state.runtime, notices: [] });
});

describe('what a script passes', () => {
  test('as a judge is checked, and named when it is none', async () => {
    const wrong = (judge: unknown) => vane.judge(rows, judge as JudgeArgument);
    const kinds = 'grammar, embedded, readout, chat, api, programmatic';
    await expect(wrong({ kind: 'rule' })).rejects.toThrow(`judge: expected a record whose kind is one of ${kinds}, got "rule".`);
    await expect(wrong('grammar')).rejects.toThrow(`kind is one of ${kinds}, got "grammar".`);
    await expect(wrong({ kind: 'chat', source: 'organism' })).rejects.toThrow('judge, field rubric: expected');
    await expect(setJudge({ kind: 'rule' } as unknown as JudgeArgument)).rejects.toThrow('got "rule"');
    expect(appStore.getState().document.judge).toEqual(fullState().document.judge);
    const rule = { kind: 'programmatic', rule: { type: 'language', language: 'french' } } as const;
    expect(checkJudgeRecord(rule)).toEqual(rule);
    expect((await vane.judge(rows, rule))[0]?.custom).toBeGreaterThan(30);
  });

  test('is told that there is nothing to recompute', async () => {
    await expect(vane.recompute()).rejects.toThrow('recompute: expected a document with a recorded result, got one without.');
  });

  test('gets ids beside names, for names may be shared', () => {
    const [row] = vane.results();
    expect(row).toMatchObject({ conditionId: 'base', condition: 'base', questionId: 'q1' });
  });
});

test('a rule has no labels to agree with', async () => {
  const rule = new ProgrammaticJudge({ type: 'language', language: 'french' });
  await expect(measureJudge(rule)).rejects.toThrow('whose score no label speaks of');
});
