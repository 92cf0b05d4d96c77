import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isEmptyRule, ruleProblem } from '../../src/store/rule-problem';
import { contrastSetting, ranBy } from '../../src/store/staleness';
import type { AppState } from '../../src/store/state';
import { addressProblem } from '../../src/ui/recipe/api-judge';
import { blocksPerRow, paintBlocks } from '../../src/ui/recipe/block-picker';
import { meanName } from '../../src/ui/recipe/clamp-target';
import { coefficientAfterKey, coefficientRange, nearestStop, recordHookPoints } from '../../src/ui/recipe/coefficient-range';
import { contrastOfKind } from '../../src/ui/recipe/contrast-step';
import { readHookPoint } from '../../src/ui/recipe/direction-step';
import { fewRowsText } from '../../src/ui/recipe/few-rows';
import { judgeOfKind } from '../../src/ui/recipe/judge-step';
import { rawLengthText } from '../../src/ui/recipe/raw-length';
import { staleCoefficient } from '../../src/ui/recipe/stale-coefficient';
import {
  agreementText,
  contrastSummary,
  directionSummary,
  interventionSummary,
  isJudgeMeasurable,
  judgeSummary,
  modelSummary,
  shortHookPoint,
} from '../../src/ui/recipe/step-summaries';
import { parsePositions, positionsProblem, positionsText } from '../../src/ui/recipe/token-positions';
import { blocksText, readBlocks } from '../../src/ui/recipe/use-blocks';
import { emptyState, fullState } from '../gallery/sample-state';

describe('step summaries', () => {
  test('a filled recipe reads in five lines', () => {
    const state = fullState();
    expect(modelSummary(state)).toBe('organism · Qwen3 · f32 · bad-medicine');
    expect(contrastSummary(state)).toBe('412 misaligned, 412 aligned · 38 left out');
    expect(directionSummary(state)).toBe('medicine · blocks.6 · organism against base · 2 more');
    expect(interventionSummary(state)).toBe('C ablate blocks.4-8 · D steer +0.35 blocks.4-8');
    expect(judgeSummary(state)).toBe('exact grammar · alignment AUC 0.97 [0.95, 0.98], n = 600');
  });

  test('a contrast of two prompts has sides of its own, and a rule no agreement', () => {
    const state = fullState();
    const sides = { positive: 'with prompt A', negative: 'with prompt B' };
    const madeOf = contrastSetting(state.document, ranBy(state));
    const report = { madeOf, positive: 220, negative: 219, leftOut: [], sides };
    expect(contrastSummary({ ...state, runtime: { ...state.runtime, contrastReport: report } })).toBe(
      '220 with prompt A, 219 with prompt B',
    );
    const rule = { kind: 'programmatic' as const, rule: { type: 'language' as const, language: 'french' } };
    expect(judgeSummary({ ...state, document: { ...state.document, judge: rule } })).toBe('rule · no labels to agree with');
    expect(isJudgeMeasurable(state)).toBe(true);
    expect([meanName('aligned'), meanName(sides.negative)]).toEqual(['the aligned mean', 'the mean with prompt B']);
  });

  test('counts of an earlier contrast say so, and stand again when it comes back', () => {
    const state = fullState();
    const at = (change: Partial<AppState['document']>) => contrastSummary({ ...state, document: { ...state.document, ...change } });
    const { contrast } = state.document;
    expect(at({ contrast: { kind: 'pairs', rows: [] } })).toBe('earlier: 412 misaligned, 412 aligned · 38 left out');
    expect(at({ contrast: { ...contrast } })).toBe('412 misaligned, 412 aligned · 38 left out');
    expect(at({ judge: { kind: 'embedded' } })).toMatch(/^earlier: /);
    expect(at({ questions: { setId: 'own', items: [] } })).not.toMatch(/^earlier: /);
  });

  test('a contrast with few rows on a side carries a caution', () => {
    expect(fewRowsText(1, 108)).toBe('Only 1 misaligned answer: a direction from fewer than 8 on a side may be chance.');
    expect(fewRowsText(9, 4, { positive: 'with prompt A', negative: 'with prompt B' })).toMatch(/^Only 4 answers with prompt B:/);
    expect([fewRowsText(8, 8), fewRowsText(0, 0)]).toEqual([null, null]);
  });

  test('an empty one says what is missing', () => {
    const state = emptyState();
    expect(directionSummary(state)).toBe('none yet');
    expect(interventionSummary(state)).toBe('needs a direction');
    expect(judgeSummary(state)).toBe('exact grammar · not ready yet');
  });

  test('a recorded direction counts its contrast before anything was sampled here', () => {
    const state = fullState();
    const recorded = { ...state, runtime: { ...state.runtime, contrastReport: null } };
    expect(contrastSummary(recorded)).toBe('recorded: 412 against 412');
  });

  test('agreement without a figure is never a number', () => {
    expect(agreementText({ name: 'x', agreement: [], status: 'ready' })).toBe('agreement not measured');
    const none = { score: 'alignment', figure: 'AUC', value: { mean: null, low: null, high: null, n: 3 } };
    expect(agreementText({ name: 'x', agreement: [none], status: 'ready' })).toBe('agreement not measured');
  });

  test('hook points keep their site unless it is the usual one', () => {
    expect(shortHookPoint('blocks.6.hook_resid_post')).toBe('blocks.6');
    expect(shortHookPoint('blocks.6.hook_resid_pre')).toBe('blocks.6 resid_pre');
    expect(readHookPoint('blocks.11.hook_resid_mid')).toEqual({ block: 11, site: 'mid' });
  });
});

describe('coefficient', () => {
  test('the range is the sweep, else -1 to 2, and always holds the value', () => {
    const sweep = [-0.5, 0, 1].map((coefficient) => ({ coefficient }));
    expect(coefficientRange(0.35, sweep)).toEqual({ min: -0.5, max: 1 });
    expect(coefficientRange(1.4, [])).toEqual({ min: -1, max: 2 });
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
        const { min, max } = coefficientRange(value, sweep);
        return min <= value && value <= max && min < max;
      }),
    );
  });

  test('keys move by 0.01 and 0.1, to the ends and to zero, never outside', () => {
    const range = { min: -0.5, max: 1 };
    expect(coefficientAfterKey('ArrowRight', false, 0.35, range)).toBe(0.36);
    expect(coefficientAfterKey('ArrowLeft', true, 0.35, range)).toBe(0.25);
    expect(coefficientAfterKey('End', false, 0.35, range)).toBe(1);
    expect(coefficientAfterKey('ArrowRight', true, 0.95, range)).toBe(1);
    expect(coefficientAfterKey('0', false, 0.35, range)).toBe(0);
    expect(coefficientAfterKey('a', false, 0.35, range)).toBeNull();
  });

  test('recorded stops attract the nearest', () => {
    expect(nearestStop(0.42, [-0.2, 0, 0.35, 0.5])).toBe(0.35);
    expect(nearestStop(0.42, [])).toBe(0.42);
  });

  test('raw length is the coefficient times the mean residual norm of each hook point', () => {
    const points = recordHookPoints({ hookSite: 'resid_post', blocks: '4-5' }, [4, 5]);
    expect(points).toEqual(['blocks.4.hook_resid_post', 'blocks.5.hook_resid_post']);
    const norms = { 'blocks.4.hook_resid_post': 20, 'blocks.5.hook_resid_post': 30 };
    expect(rawLengthText({ coefficient: -0.5, unit: 'residNorm' }, points, norms, undefined)).toBe('raw length 10.0–15.0');
    expect(rawLengthText({ coefficient: 0.5, unit: 'tokenNorm' }, points, norms, undefined)).toBe(
      'raw length about 10.0–15.0 at the mean norm',
    );
    expect(rawLengthText({ coefficient: 0.5, unit: 'tokenNorm' }, points, {}, undefined)).toBeNull();
    expect(rawLengthText({ coefficient: 2, unit: 'direction' }, points, norms, { values: Float32Array.of(3, 4) })).toBe('raw length 10.0');
    expect(rawLengthText({ coefficient: 2, unit: 'residNorm' }, points, {}, undefined)).toBeNull();
  });

  test('stale answers say which coefficient they are from', () => {
    const state = fullState({ stale: true });
    const steering = state.document.interventions.find(({ id }) => id === 'steering');
    if (!steering) throw new Error('the sample has a steering intervention');
    expect(staleCoefficient(state, steering)).toBe(0.18);
    expect(staleCoefficient(fullState(), steering)).toBeNull();
  });
});

describe('blocks and positions', () => {
  test('a range that is written is read back as the same blocks', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(35), { minLength: 1 }), (blocks) => {
        const sorted = [...blocks].sort((a, b) => a - b);
        expect(readBlocks(blocksText(blocks), 36).blocks).toEqual(sorted);
        expect(parsePositions(positionsText(blocks))).toEqual(sorted);
      }),
    );
    expect(blocksText([8, 4, 5, 6, 7, 11])).toBe('4-8, 11');
  });

  test('a wrong range is an error in words', () => {
    expect(readBlocks(blocksText([]), 10)).toEqual({
      blocks: null,
      error: 'blocks: expected one or more, got none. To do without the edit, turn it off.',
    });
    expect(readBlocks('4-40', 10)).toMatchObject({ blocks: null, error: expect.stringContaining('expected blocks within 0-9') });
    expect(parsePositions('3-1')).toBeNull();
    expect(parsePositions('')).toBeNull();
    expect(parsePositions('0-9999999')).toBeNull();
    expect(positionsProblem('0-3, 8')).toBeNull();
    expect(positionsProblem('first')).toBe('positions: expected a list such as 0-3, 8 of at most 4096 positions, got "first".');
  });

  test('rows of the picker are even and at most 18 wide', () => {
    expect([9, 18, 24, 28, 36].map(blocksPerRow)).toEqual([9, 18, 12, 14, 18]);
    expect(blocksPerRow(0)).toBe(1);
  });

  test('painting sets or clears a run and leaves the rest', () => {
    expect(paintBlocks([1, 9], 5, 3, true)).toEqual([1, 3, 4, 5, 9]);
    expect(paintBlocks([1, 3, 4, 5, 9], 4, 9, false)).toEqual([1, 3]);
  });
});

describe('settings', () => {
  test('changing the kind of contrast keeps its questions and seed', () => {
    const sampled = emptyState().document.contrast;
    expect(contrastOfKind('sampled', sampled, [], [])).toBe(sampled);
    const prompts = contrastOfKind(
      'systemPrompts',
      { ...sampled, kind: 'sampled', questionSetId: 'open', seed: 11 } as typeof sampled,
      [],
      [],
    );
    expect(prompts).toMatchObject({ kind: 'systemPrompts', questionSetId: 'open', seed: 11 });
    expect(contrastOfKind('pairs', prompts, [], [])).toEqual({ kind: 'pairs', rows: [] });
    const afterPairs = (setIds: string[]) => contrastOfKind('systemPrompts', { kind: 'pairs', rows: [] }, [], setIds);
    expect(afterPairs(['open', 'contrast'])).toMatchObject({ questionSetId: 'contrast' });
    expect(afterPairs(['general'])).toMatchObject({ questionSetId: 'general' });
  });

  test('an API address that could hide a key is refused', () => {
    expect(addressProblem('https://judge.example.org/v1')).toBeNull();
    expect(addressProblem('http://localhost:11434/v1')).toBeNull();
    for (const address of [
      '',
      'judge',
      'ftp://judge.example.org',
      'https://user:key@judge.example.org',
      'https://judge.example.org/v1?key=1',
      'https://judge.example.org/#key',
    ]) {
      expect(addressProblem(address)).not.toBeNull();
    }
  });

  test('an address that the page’s own policy keeps it from is told at once', () => {
    const page = 'https://vane.example';
    expect(addressProblem('http://192.168.1.5:11434/v1', page)).toMatch(
      /plain http with localhost.*give 192\.168\.1\.5:11434 an https address/,
    );
    for (const address of ['https://192.168.1.5/v1', 'http://127.0.0.1:11434/v1', 'http://localhost/v1'])
      expect(addressProblem(address, page)).toBeNull();
    expect(addressProblem('http://192.168.1.5:8080/v1', 'http://192.168.1.5:8080')).toBeNull();
  });

  test('a rule without words or pattern is not used yet', () => {
    expect(isEmptyRule({ type: 'words', words: [] })).toBe(true);
    expect(isEmptyRule({ type: 'regex', pattern: '', flags: 'i' })).toBe(true);
    expect(isEmptyRule({ type: 'language', language: 'french' })).toBe(false);
  });

  test('a rule that can score nothing is told, and why', () => {
    expect(ruleProblem({ type: 'regex', pattern: '^(oui|non)$', flags: 'i' })).toBeNull();
    expect(ruleProblem({ type: 'regex', pattern: '(', flags: 'i' })).toMatch(/Unterminated|Invalid/);
    expect(ruleProblem({ type: 'words', words: ['!', '12'] })).toContain('word list: expected at least one word');
    expect(ruleProblem({ type: 'words', words: ['oui'] })).toBeNull();
  });

  test('a chat judge asks the loaded model unless told', () => {
    expect(judgeOfKind('chat', 'hf:owner/name')).toEqual({ kind: 'chat', source: 'hf:owner/name', rubric: '' });
  });
});
