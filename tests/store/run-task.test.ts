import { beforeEach, describe, expect, test } from 'vitest';
import { FormatError, MismatchError } from '../../src/core/errors';
import { appStore, dismissNotice, notify, runTask } from '../../src/store/app-store';

const texts = () => appStore.getState().runtime.notices.map(({ text }) => text);
const fails = (message: string) => async () => {
  throw new Error(message);
};
const done = async () => 1;

beforeEach(() => {
  for (const { id } of appStore.getState().runtime.notices) dismissNotice(id);
});

describe('the notice of a failed task', () => {
  test('goes when the same task succeeds, and only then', async () => {
    await runTask('Direction', 'rows', fails('too few answers'), { retry: () => {} });
    await runTask('Sweep', 'rows', fails('no condition'));
    await runTask('Direction', 'rows', fails('still too few'));
    expect(texts()).toEqual(['Direction: too few answers', 'Sweep: no condition', 'Direction: still too few']);
    await runTask('Contrast', 'rows', done);
    expect(texts()).toHaveLength(3);
    expect(await runTask('Direction', 'rows', done)).toBe(1);
    expect(texts()).toEqual(['Sweep: no condition']);
  });

  test('offers to try again only where the same settings can succeed', async () => {
    const retry = () => {};
    await runTask('Direction', 'rows', fails('the network is gone'), { retry });
    await runTask(
      'Sweep',
      'rows',
      () => Promise.reject(new MismatchError('contrast: expected two sides that differ, got none.', 'Read a later block.')),
      {
        retry,
      },
    );
    const offers = appStore.getState().runtime.notices.map(({ actions }) => actions.map(({ label }) => label));
    expect(offers).toEqual([['Retry now'], []]);
  });

  test('offers to fetch a file again that came cut short, not to read the same file of this machine again', async () => {
    const cut = () => Promise.reject(new FormatError('model.gguf: expected 9 bytes, got 4.', 'The file is cut short: fetch it again.'));
    const retry = () => {};
    await runTask('Load model', 'bytes', cut, { retry, fetches: true });
    const offers = () => appStore.getState().runtime.notices.map(({ actions }) => actions.length);
    expect(offers()).toEqual([1]);
    dismissNotice(appStore.getState().runtime.notices[0]?.id ?? '');
    await runTask('Load model', 'bytes', cut, { retry });
    expect(offers()).toEqual([0]);
  });

  test('stays when the same task was cancelled', async () => {
    await runTask('Direction', 'rows', fails('too few answers'));
    const cancelled = async () => {
      throw new DOMException('The call was aborted.', 'AbortError');
    };
    await runTask('Direction', 'rows', cancelled);
    expect(texts()).toEqual(['Direction: too few answers']);
  });

  test('stays while another part of the same work succeeds: it offers to do this one again', async () => {
    await runTask('Judge', 'answers', fails('no reply'), { retry: () => {}, isPart: true });
    await runTask('Judge', 'answers', done, { isPart: true });
    expect(texts()).toEqual(['Judge: no reply']);
  });

  test('is not doubled by the same text said elsewhere, which goes with it unless it offers ways on of its own', async () => {
    notify('error', 'block range "4-40": expected blocks within 0-9.');
    await runTask('Answer again', 'answers', fails('block range "4-40": expected blocks within 0-9.'));
    expect(texts()).toHaveLength(1);
    await runTask('Answer again', 'answers', done);
    expect(texts()).toEqual([]);
    notify('error', 'the engine is gone', [{ label: 'Go on with WASM', run: () => {} }]);
    await runTask('Answer again', 'answers', fails('the engine is gone'));
    await runTask('Answer again', 'answers', done);
    expect(texts()).toEqual(['the engine is gone']);
  });
});
