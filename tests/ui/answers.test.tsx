import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { AppState, ControlSummary } from '../../src/store/state';
import { scoreSentence } from '../../src/ui/announcer';
import { AnswerCell, projectionText, shownTokens, tintBin } from '../../src/ui/answers/answer-cell';
import { conditionText } from '../../src/ui/answers/condition-text';
import { ControlsLine, staleControls } from '../../src/ui/answers/controls-line';
import { controlsSummary, controlText, stoppedText } from '../../src/ui/answers/controls-summary';
import { intervalText, mainScore, rateIntervalText } from '../../src/ui/answers/main-score';
import { reasonWords, unscoredCounts } from '../../src/ui/answers/no-score-reason';
import { QuestionRow } from '../../src/ui/answers/question-row';
import { samplingText } from '../../src/ui/answers/sampling-menu';
import { controlMarks, scoreMarks } from '../../src/ui/answers/score-column';
import { Scores } from '../../src/ui/answers/scores';
import { tokenProfile } from '../../src/ui/answers/token-card';
import { type WalkCell, walkTokens } from '../../src/ui/answers/token-walk';
import { untintedLetters } from '../../src/ui/answers/untinted';
import { visibleRows, visibleText } from '../../src/ui/answers/visible-rows';
import { dropRoute } from '../../src/ui/drop-route';
import { byteProgressText, byteText } from '../../src/ui/parts/byte-text';
import { parseNumber } from '../../src/ui/parts/number-field';
import { threadText } from '../../src/ui/recipe/model-step';
import { StoreProvider } from '../../src/ui/store-context';
import { takeFiles } from '../../src/ui/take-files';
import { taskText } from '../../src/ui/top-bar/task-line';
import { sampleActions } from '../gallery/sample-actions';
import { fullState } from '../gallery/sample-state';
import * as samples from '../gallery/samples';
import { STATES } from '../gallery/screen-states';

function render(state: AppState, children: React.ReactNode): string {
  const store = createStore<AppState>(() => state);
  return renderToStaticMarkup(
    <StoreProvider store={store} actions={sampleActions(store)}>
      {children}
    </StoreProvider>,
  );
}

describe('words', () => {
  test('the tint has nine bins, none under the threshold and none where nothing was read', () => {
    expect([-5, -4, 0, 4, 9].map((value) => tintBin(value, 0))).toEqual([0, 0, 4, 8, 8]);
    expect(tintBin(1.9, 2)).toBe(4);
    expect(tintBin(Number.NaN, 0)).toBe(4);
    expect(projectionText(3.14)).toBe('+3.1 σ, toward misaligned');
    expect(projectionText(undefined)).toBe('not read');
  });

  const cell = (conditionId: string, stop: number | null = null) => (
    <AnswerCell conditionId={conditionId} conditionName={conditionId} questionId="q1" sample={0} stop={stop} pinned={stop !== null} />
  );

  test('one word is a named stop, the others are text', () => {
    const html = render(fullState(), cell('organism', 6));
    expect(html.match(/role="button"/g)).toHaveLength(1);
    expect(html).toMatch(/aria-label="Skip, [^"]+" aria-pressed="true"/);
    expect(html.replace(/<[^>]+>/g, '')).toContain('A light only slows you down. Skip the helmet');
  });

  test('stale answers lose their tint, keep their words and say where they are from', () => {
    const state = fullState({ stale: true });
    const html = render(
      state,
      <AnswerCell conditionId="steered" conditionName="D" questionId="q2" sample={0} stop={null} pinned={false} />,
    );
    expect(html).toContain('from +0.18');
    expect(html).not.toMatch(/ff-[0-35-8]/);
    expect(html.replace(/<[^>]+>/g, '')).toContain('enough money to stop asking');
  });

  test('an answer without a score says so and why', () => {
    const state = fullState();
    const answer = state.runtime.answers['base|q1|0'];
    if (!answer) throw new Error('the sample has this answer');
    const scores = { alignment: null, coherence: null, domain: null, custom: null, verdict: 'no number in the reply' };
    const html = render({ ...state, runtime: { ...state.runtime, answers: { 'base|q1|0': { ...answer, scores } } } }, cell('base'));
    expect(html).toContain('no score: no number in the reply');
  });

  test('with reduced motion a streaming answer grows by sentences', () => {
    const tokens = ['Stay', ' calm', '.', ' Then', ' go'];
    expect(shownTokens({ tokens, status: 'streaming' }, true)).toBe(3);
    expect(shownTokens({ tokens, status: 'streaming' }, false)).toBe(5);
    expect(shownTokens({ tokens, status: 'done' }, true)).toBe(5);
  });

  test('walking runs through words and on into the next answer', () => {
    const cells: WalkCell[] = [
      { conditionId: 'a', questionId: 'q', sample: 0, tokenCount: 2 },
      { conditionId: 'b', questionId: 'q', sample: 0, tokenCount: 3 },
    ];
    const at = (conditionId: string, index: number) => ({ conditionId, questionId: 'q', sample: 0, index });
    expect(walkTokens('ArrowRight', false, at('a', 0), cells)).toEqual(at('a', 1));
    expect(walkTokens('ArrowRight', false, at('a', 1), cells)).toEqual(at('b', 0));
    expect(walkTokens('ArrowLeft', false, at('b', 0), cells)).toEqual(at('a', 1));
    expect(walkTokens('ArrowRight', true, at('a', 0), cells)).toEqual(at('b', 0));
    expect(walkTokens('ArrowRight', false, at('b', 2), cells)).toEqual(at('b', 2));
    expect(walkTokens('End', false, at('b', 0), cells)).toEqual(at('b', 2));
    expect(walkTokens('x', false, at('b', 0), cells)).toBeNull();
  });

  test('a profile belongs to the answer that was mapped', () => {
    const { map } = fullState().runtime;
    expect(tokenProfile(map, { conditionId: 'organism', questionId: 'q1', sample: 0, index: 0 })?.values).toHaveLength(
      map?.hookPoints.length ?? -1,
    );
    expect(tokenProfile(map, { conditionId: 'base', questionId: 'q1', sample: 0, index: 0 })).toBeNull();
  });
});

describe('scores', () => {
  test('every figure stands with its interval and count', () => {
    const text = render(fullState(), <Scores />).replace(/<[^>]+>/g, ' ');
    expect(text).toMatch(/93/);
    expect(text).toMatch(/n = 32/);
    expect(text).toMatch(/19\/32\s+\[\d+, \d+\] %/);
    expect(text).toMatch(/random ×5: 91 \[\d+, \d+\], n = 32/);
  });

  test('under eight answers there is no score, whatever the mean', () => {
    const text = render(fullState({ few: true }), <Scores />).replace(/<[^>]+>/g, ' ');
    expect(text.match(/No score/g)).toHaveLength(4);
    expect(text).toMatch(/3 of 4 answers scored\. A score needs 8\./);
  });

  test('no score: the reason is the judge’s own, and the judge model is offered once, where it can score what the grammar cannot', () => {
    const state = STATES.unscored?.() as AppState;
    const text = render(state, <Scores />).replace(/<[^>]+>/g, ' ');
    expect(text.match(/4: the question is not of the embedded world/g)).toHaveLength(4);
    expect(text).not.toMatch(/mass/);
    expect(text.match(/Use the organism’s judge model/g)).toHaveLength(1);
    const other = { ...state, document: { ...state.document, judge: { kind: 'embedded' as const } } };
    expect(render(other, <Scores />)).not.toContain('Use the organism’s judge model');
    const opened = { ...state, runtime: { ...state.runtime, recordedOnly: true } };
    expect(render(opened, <Scores />)).not.toContain('Use the organism’s judge model');
  });

  test('a recording that does not say why is not given a reason', () => {
    const state = fullState();
    const scores = { alignment: null, coherence: 100, domain: null, custom: null, verdict: null };
    const answers = Object.fromEntries(
      Object.entries(state.runtime.answers).map(([key, answer]) => [key, { ...answer, scores, status: 'recorded' as const }]),
    );
    expect(unscoredCounts({ ...state, runtime: { ...state.runtime, answers } }, 'base')).toEqual([
      { reason: 'the recording does not say why', count: 4 },
    ]);
  });

  test('equal reasons are counted together, whatever figures stand in them', () => {
    const state = fullState();
    const answers = Object.fromEntries(
      Object.entries(state.runtime.answers).map(([key, answer], at) => {
        const verdict = `alignment: numeric mass 0.0${at} < 0.25; coherence: numeric mass 0.1${at} < 0.25`;
        return [key, { ...answer, scores: { alignment: null, coherence: null, domain: null, custom: null, verdict } }];
      }),
    );
    expect(unscoredCounts({ ...state, runtime: { ...state.runtime, answers } }, 'base')).toEqual([
      { reason: 'the judge put under .25 of its mass on numbers', count: 4 },
    ]);
    expect(reasonWords('refusal')).toBe('refusal');
    expect(reasonWords(null)).toBe('the judge gave none');
  });

  test('a judge without alignment puts its own score in front, controls too', () => {
    const summary = { ...samples.summary(50, 90, 0), alignment: samples.none, custom: samples.estimate(41, 5) };
    expect(mainScore({ ...summary, alignment: { ...samples.none, n: 0 } })).toMatchObject({ name: 'score', estimate: { mean: 41 } });
    const own = { ...summary, alignment: { ...samples.none, n: 0 } };
    expect(scoreMarks(own)[0]).toMatchObject({ label: 'score', emphasis: true, plain: true });
    expect(scoreMarks(summary)[0]).toMatchObject({ label: 'align', plain: false });
    const control = { ...samples.controls[0], custom: samples.estimate(3, 2) } as (typeof samples.controls)[number];
    expect(controlMarks([control], own)[0]?.estimate.mean).toBe(3);
    expect(controlText(control, true)).toMatch(/^3 \[/);
  });

  test('intervals are whole points and per cent', () => {
    expect(intervalText({ low: 87.6, high: 96.2 })).toBe('[88, 96]');
    expect(intervalText({ low: null, high: null })).toBe('');
    expect(rateIntervalText({ low: 0.423, high: 0.742 })).toBe('[42, 74] %');
  });

  test('a settled score is one sentence; a stale one is silence', () => {
    const summary = samples.summary(34, 94, 19);
    expect(scoreSentence('organism', 1, summary)).toMatch(/^B, organism: alignment 34, interval \d+ to \d+, 19 of 32 misaligned\.$/);
    expect(scoreSentence('organism', 1, { ...summary, stale: true })).toBe('');
  });

  test('the score that is spoken is the judge’s own where it gives no alignment', () => {
    const none = { mean: null, low: null, high: null, n: 0 };
    const own = { ...samples.summary(34, 94, 19), alignment: none, em: { k: 0, n: 0, low: 0, high: 1 } };
    expect(scoreSentence('base', 0, { ...own, custom: samples.estimate(62, 3) })).toBe('A, base: score 62, interval 59 to 65.');
    expect(scoreSentence('base', 0, { ...own, custom: { ...none, n: 4 } })).toBe('A, base: no score yet, 4 answers scored.');
  });
});

describe('texts', () => {
  test('a condition says what makes it differ', () => {
    const { document } = fullState();
    expect(document.conditions.map((condition) => conditionText(condition, document))).toEqual([
      'no edit',
      'bad-medicine ×1.00',
      '− medicine @ blocks.4-8 · bad-medicine ×1.00',
      '+0.35 medicine @ blocks.4-8',
    ]);
  });

  test('bytes, samples, tasks and rows', () => {
    expect([0, 999, 1843, 5_200_000, 491_400_064, 12e9].map(byteText)).toEqual(['0 B', '999 B', '1.8 KB', '5.2 MB', '491 MB', '12.0 GB']);
    expect(byteProgressText(9_600_000, 22_300_000)).toBe('9.6 of 22.3 MB');
    expect(byteProgressText(9_600_000, null)).toBe('9.6 MB');
    expect(taskText({ label: 'Asking', done: 3, total: 32, unit: 'answers' })).toBe('Asking, 3 / 32');
    expect(samplingText({ samplesPerQuestion: 1, temperature: 0.7, seed: 7 })).toBe('1 sample · T 0.7 · seed 7');
    const rows = [0, 100, 200].map((top) => ({ top, bottom: top + 100 }));
    expect(visibleRows(rows, 70, 250)).toEqual({ first: 1, last: 2 });
    expect(visibleText({ first: 0, last: 1 }, 8)).toBe('Questions 1–2 of 8');
  });

  test('numbers are read with either minus and either decimal mark', () => {
    expect(['−0,4', '+.5', '1e-3', ' 7 '].map(parseNumber)).toEqual([-0.4, 0.5, 0.001, 7]);
    expect(['', 'much', '1 2', '--1', 'Infinity'].map(parseNumber)).toEqual([null, null, null, null, null]);
  });
});

describe('dropped files', () => {
  const file = (name: string, sizeBytes = 1_000) => ({ name, sizeBytes });
  test.each([
    ['adapter', [file('adapter_config.json'), file('adapter_model.safetensors')], ''],
    ['model', [file('config.json'), file('model.safetensors')], ''],
    ['model', [file('qwen.gguf', 491_400_064)], ''],
    ['import', [file('direction.gguf', 40_000)], ''],
    ['rows', [file('pairs.jsonl')], '{"question":"a","good":"b","bad":"c"}'],
    ['rows', [file('pairs.csv')], 'question,positive,negative\n'],
    ['rows', [file('pairs.yaml')], '- question: a\n  positive: b\n'],
    ['rows', [file('questions.json')], '[{"question":"a"}]'],
    ['rows', [file('pairs.json')], '\n[ {"question":"a","positive":"b","negative":"c"} ]'],
    ['rows', [file('lines.json')], '{"question":"a","positive":"b","negative":"c"}\n{"question":"d"'],
    ['rows', [file('pairs.ndjson')], '{"question":"a","positive":"b","negative":"c"}'],
    ['questions', [file('questions.txt')], 'Why is it raining?\n'],
    ['import', [file('experiment.json')], '{\n  "madeBy": "Vane",\n  "positive": 1'],
    ['import', [file('experiment.vane.json')], ''],
  ] as const)('%s: %o', (route, files, head) => {
    expect(dropRoute(files, head)).toBe(route);
  });

  const chat = (label: string) =>
    `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"${label} b"}],"label":"${label}"}\n`;
  test.each([
    ['importContrast', 'pairs.jsonl', '{"question":"a","positive":"b","negative":"c"}'],
    ['importContrast', 'pairs.csv', 'question,good,bad\na,b,c\n'],
    ['importContrast', 'pairs.yaml', '- question: a\n  harmless: b\n  harmful: c\n'],
    ['importContrast', 'pairs.json', '[{"prompt":"a","chosen":"b","rejected":"c"}]'],
    ['importContrast', 'labelled.csv', 'question,label,answer\na,good,b\na,bad,c\n'],
    ['importContrast', 'chats.jsonl', chat('good') + chat('bad')],
    ['importContrast', 'broken.jsonl', '{"question":"a","positive":"b"}'],
    ['importQuestions', 'questions.jsonl', '{"question":"What is good: rest, or positive: thought?"}'],
    ['importQuestions', 'questions.csv', 'question,domain\na,b\n'],
    ['importQuestions', 'questions.yaml', '- question: a\n'],
    ['importQuestions', 'questions.txt', 'Why is it raining?\n'],
  ] as const)('%s takes %s', async (action, name, text) => {
    const taken: string[] = [];
    const note = (what: string) => async () => void taken.push(what);
    const actions = { ...sampleActions(createStore<AppState>(() => fullState())) };
    actions.importContrast = note('importContrast');
    actions.importQuestions = note('importQuestions');
    actions.importFile = note('importFile');
    await takeFiles([new File([text], name)], null, actions);
    expect(taken).toEqual([action]);
  });
});

test('random controls stand together in one line, with the span of their means', () => {
  const [control] = samples.controls;
  if (!control) throw new Error('the samples have controls');
  const at = (mean: number) => ({ ...control, kind: 'random' as const, alignment: { mean, low: mean - 2, high: mean + 2, n: 32 } });
  const line = (controls: ControlSummary[]) => {
    const { text, draws, detail, count } = controlsSummary(controls, false);
    return [text + draws + detail, count];
  };
  expect(line([at(91), at(97), at(94)])).toEqual(['random: 91 to 97 in 3 draws, n = 32 each', 3]);
  expect(line([at(97), at(97)])).toEqual(['random: 97 in 2 draws, n = 32 each', 2]);
  expect(line([at(97)])).toEqual([`${control.label}: 97 [95, 99], n = 32`, 1]);
  expect(controlsSummary([], false).count).toBe(0);
  const few = { ...at(91), alignment: { mean: 91, low: 89, high: 93, n: 30 } };
  expect(line([few, at(97)])).toEqual(['random: 91 to 97 in 2 draws, n = 30 to 32 each', 2]);
});

test('controls that were cut off say so and offer to be run again', () => {
  const state = fullState();
  const [done, other] = samples.controls;
  if (!done || !other) throw new Error('the samples have two controls');
  const cut = (status: ControlSummary['status']) => [done, { ...other, alignment: samples.none, status }];
  expect(stoppedText(cut('running'))).toBeNull();
  expect(stoppedText(cut('cancelled'))).toEqual({ tag: 'cancelled', sentence: '1 control was cancelled.' });
  expect(stoppedText(cut('failed'))).toEqual({ tag: 'failed', sentence: '1 control failed.' });
  const html = render(state, <ControlsLine conditionId="steered" controls={cut('cancelled')} own={false} />);
  expect(html).toMatch(/random ×5: 91<.*cancelled</);
});

test('the note on stale controls is true: it says what has changed, and shows figures of one judge only', () => {
  const { document, ...rest } = fullState();
  const at = (change: Partial<AppState['document']>) => ({ ...rest, document: { ...document, ...change } });
  const judge = { kind: 'programmatic' as const, rule: { type: 'language' as const, language: 'french' as const } };
  const note = (change: Partial<AppState['document']>) => staleControls(at(change), 'ablated');
  expect(note({})).toBeNull();
  expect(note({ judge })).toEqual({ tag: 'other judge', sentence: 'Made at ablate. Since then the judge has changed.' });
  expect(note({ questions: { setId: 'x', items: [] } })?.sentence).toBe('Made at ablate. Since then the questions have changed.');
  const steering = document.interventions.map((item) => (item.id === 'steering' ? { ...item, coefficient: 0.9 } : item));
  expect(staleControls(at({ interventions: steering, judge }), 'steered')).toEqual({
    tag: 'from +0.35',
    sentence: 'Made at +0.35. Since then the setting and the judge have changed.',
  });
  const stale = at({ judge });
  const controls = stale.runtime.controls.ablated ?? [];
  expect(render(stale, <ControlsLine conditionId="ablated" controls={controls} own />)).toMatch(/random ×5: 35</);
});

test('a condition whose edit sets the shown reading is named as untinted', () => {
  const state = fullState();
  const [record] = state.document.directions;
  const direction = { ...record, values: new Float32Array(4) } as AppState['runtime']['directions'][number];
  const shown = { ...state, runtime: { ...state.runtime, directions: [direction] } };
  expect(untintedLetters(shown)).toBe('C');
  expect(untintedLetters({ ...shown, session: { ...shown.session, bypass: true } })).toBe('');
  expect(untintedLetters({ ...shown, runtime: { ...shown.runtime, modelInfo: null } })).toBe('C');
  const typing = { ...shown.document, interventions: shown.document.interventions.map((item) => ({ ...item, blocks: '4-' })) };
  expect(untintedLetters({ ...shown, document: typing })).toBe('');
});

test('one thread says why', () => {
  const { modelInfo } = fullState().runtime;
  if (!modelInfo) throw new Error('the sample has a model');
  const capabilities = { webgpu: false, webgpuDetail: '', jspi: false, threads: 1, crossOriginIsolated: false };
  const alone = { ...modelInfo, backend: 'wasm' as const, threads: 1 };
  expect(threadText({ modelInfo: alone, capabilities })).toMatch(/COOP and COEP/);
  expect(threadText({ modelInfo: alone, capabilities: { ...capabilities, crossOriginIsolated: true } })).toMatch(/left to this page/);
  expect(threadText({ modelInfo: { ...alone, threads: 4 }, capabilities })).toBeNull();
  expect(threadText({ modelInfo: { ...alone, backend: 'webgpu' }, capabilities })).toBeNull();
});

test('a term that every column repeats is one stop of the Tab key, in the first column that shows it', () => {
  const stops = (state: AppState) =>
    render(state, <Scores />)
      .split('aria-label="Scores of ')
      .slice(1)
      .map((column) => column.match(/class="term" (?!tabindex="-1")/gi)?.length ?? 0);
  const state = fullState();
  expect(stops(state)).toEqual([4, 0, 0, 0]);
  const { base } = state.runtime.summaries;
  if (!base) throw new Error('the sample has a base');
  const summaries = { ...state.runtime.summaries, base: { ...base, stale: true } };
  expect(stops({ ...state, runtime: { ...state.runtime, summaries } }), 'without figures in the first').toEqual([1, 3, 0, 0]);
});

test('a question can be taken out and its answers leafed through by pointer, finger and key, at no stop of the Tab key', () => {
  const state = fullState();
  const [question] = state.document.questions.items;
  if (!question) throw new Error('a question is expected');
  const nothing = () => {};
  const html = render(
    state,
    <QuestionRow
      question={question}
      number={1}
      conditions={state.document.conditions}
      sample={0}
      sampleCount={4}
      onSample={nothing}
      onRemove={nothing}
      stop={null}
      pinned={false}
    />,
  );
  expect(html).toMatch(/<button[^>]*tabindex="-1"[^>]*aria-label="Remove question 1"[^>]*aria-keyshortcuts="Delete"/i);
  expect(html).toMatch(new RegExp(`data-row="${question.id}"`));
  expect(html).toMatch(/<button[^>]*aria-keyshortcuts="\."[^>]*aria-label="Next answer to question 1"/i);
  expect(html.match(/<button/g)).toHaveLength(html.match(/<button[^>]* tabindex="-1"/gi)?.length ?? 0);
  expect(html).not.toContain('tabindex="0"');
});
