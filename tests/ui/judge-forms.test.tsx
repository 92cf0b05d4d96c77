import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { JudgeRecord } from '../../src/document/schema';
import type { AppState } from '../../src/store/state';
import { ApiJudge } from '../../src/ui/recipe/api-judge';
import { ChatJudge } from '../../src/ui/recipe/chat-judge';
import { JudgeStep } from '../../src/ui/recipe/judge-step';
import { measuredText } from '../../src/ui/recipe/measured-text';
import { ValidityDialog } from '../../src/ui/recipe/validity-dialog';
import { StoreProvider } from '../../src/ui/store-context';
import { sampleActions } from '../gallery/sample-actions';
import { fullState } from '../gallery/sample-state';

function render(children: ReactNode, runtime: Partial<AppState['runtime']> = {}): string {
  const state = fullState();
  const store = createStore<AppState>(() => ({ ...state, runtime: { ...state.runtime, ...runtime } }));
  return renderToStaticMarkup(
    <StoreProvider store={store} actions={sampleActions(store)}>
      {children}
    </StoreProvider>,
  );
}

function chatForm(source: string): string {
  const judge = { kind: 'chat', source, rubric: '' } as const satisfies JudgeRecord;
  return render(<ChatJudge judge={judge} />);
}

describe('the form of a chat judge', () => {
  test('says that the loaded model is asked', () => {
    const html = chatForm('organism');
    expect(html).toMatch(/aria-pressed="true">this model/);
    expect(html).toContain('organism, the loaded model, is asked without its adapters and edits.');
    expect(html).toMatch(/placeholder="hf:owner\/name[^"]*"[^>]*value=""/);
  });

  test('says where a second model is from, and that a link does not hold a file', () => {
    const file = chatForm('file:grader.gguf');
    expect(file).toMatch(/aria-pressed="false">this model/);
    expect(file).toContain('grader.gguf, in use…');
    expect(file).toContain('A link names its file and does not hold it.');
    const address = chatForm('hf:owner/judge');
    expect(address).toContain('value="hf:owner/judge"');
    expect(address).toContain('A second model beside organism: it takes memory of its own');
    expect(address).not.toContain('A link names');
  });
});

describe('the form of an API judge', () => {
  const judge = { kind: 'api', baseUrl: 'https://judge.example/v1', model: 'm' } as const satisfies JudgeRecord;
  const form = (keptKeys: string[]) => {
    vi.stubGlobal('window', { location: { origin: 'https://page.example' } });
    const html = render(<ApiJudge judge={judge} />, { keptKeys });
    vi.unstubAllGlobals();
    return html;
  };

  test('says that a key is kept for it in this tab, and lets it go when it is told to', () => {
    const kept = form([JSON.stringify([judge.baseUrl, judge.model])]);
    expect(kept).toContain('placeholder="kept in this tab"');
    expect(kept).toContain('Forget the key');
    const none = form([JSON.stringify([judge.baseUrl, 'other'])]);
    expect(none).toContain('placeholder="none"');
    expect(none).not.toContain('Forget the key');
  });
});

describe('how far a judge can be trusted', () => {
  const MEASURED = { method: 'leaveOneDomainOut', labels: 'the shipped labelled answers', rows: 412 } as const;
  const step = (judge: Partial<AppState['runtime']['judge']>, runtime: Partial<AppState['runtime']> = {}) =>
    render(<JudgeStep />, { judge: { ...fullState().runtime.judge, ...judge }, ...runtime });

  test('is measured on request once the judge is there, and never before', () => {
    expect(step({})).toContain('Measure again');
    expect(step({ agreement: null })).toContain('>Measure<');
    for (const [judge, runtime, says] of [
      [{ status: 'fitting' }, {}, 'Being fitted…'],
      [{ status: 'waiting' }, { modelInfo: null }, 'It is made when the model is loaded.'],
      [{ status: 'waiting' }, { recordedOnly: true }, 'It is made when something is run here.'],
    ] as const) {
      const html = step({ ...judge, agreement: null }, runtime);
      expect(html).toContain(says);
      expect(html).not.toContain('Measure');
    }
  });

  test('of a fitted one is measured with the fit: there is nothing to measure again', () => {
    expect(step({ measured: { ...MEASURED } })).not.toContain('Measure');
    expect(step({ measured: { ...MEASURED, method: 'direct' } })).toContain('Measure again');
  });

  test('is said with the method and the labels', () => {
    const judge = { ...fullState().runtime.judge, measured: { ...MEASURED } };
    expect(render(<ValidityDialog />, { judge })).toContain(measuredText(MEASURED));
    expect(measuredText(MEASURED)).toMatch(/^Measured leaving one domain out: .* On the shipped labelled answers, 412 answers\.$/);
    expect(measuredText({ ...MEASURED, method: 'groupedByQuestion' })).toMatch(/^Measured grouped by question/);
    expect(measuredText({ ...MEASURED, method: 'direct' })).toMatch(/^Measured directly/);
    expect(render(<ValidityDialog />)).not.toContain('Measured');
  });
});
