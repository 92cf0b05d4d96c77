import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { JudgeRecord } from '../../src/document/schema';
import type { AppState } from '../../src/store/state';
import { ChatJudge } from '../../src/ui/recipe/chat-judge';
import { StoreProvider } from '../../src/ui/store-context';
import { sampleActions } from '../gallery/sample-actions';
import { fullState } from '../gallery/sample-state';

function chatForm(source: string): string {
  const judge = { kind: 'chat', source, rubric: '' } as const satisfies JudgeRecord;
  const store = createStore<AppState>(fullState);
  return renderToStaticMarkup(
    <StoreProvider store={store} actions={sampleActions(store)}>
      <ChatJudge judge={judge} />
    </StoreProvider>,
  );
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
