import { expect, test } from 'vitest';
import { ArgumentError } from '../../src/core/errors';
import { Dispatcher, transferables } from '../../src/engine/dispatcher';
import type { FromWorker, Handlers } from '../../src/engine/messages';
import { Mutex } from '../../src/engine/worker/mutex';

function serve(handlers: Partial<Handlers>, isFatal: (error: unknown) => boolean = () => false) {
  const sent: FromWorker[] = [];
  const dispatcher = new Dispatcher(handlers as Handlers, (message) => void sent.push(message), isFatal);
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
  return { sent, dispatcher, settle };
}

test('events are held back until the receiver has handled them', async () => {
  let emitted = 0;
  const { sent, dispatcher, settle } = serve({
    pooled: async (_, { emit }) => {
      for (; emitted < 100; emitted++) await emit({ done: emitted, total: 100 });
      return { means: {}, norms: {}, tokenCounts: [] };
    },
  });
  dispatcher.receive({ kind: 'call', id: 1, name: 'pooled', params: { modelId: 'm', rows: [], hookPoints: [], tokens: 'answer' } });
  await settle();
  const held = sent.length;
  expect(held).toBeLessThan(100);
  for (let i = 0; i < 100; i++) {
    dispatcher.receive({ kind: 'handled', id: 1 });
    await settle();
  }
  expect(sent.filter(({ kind }) => kind === 'event')).toHaveLength(100);
  expect(sent.at(-1)?.kind).toBe('result');
});

test('an abort reaches the handler, and the error keeps its class', async () => {
  const { sent, dispatcher, settle } = serve({
    residualNorms: (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    render: async () => {
      throw new ArgumentError('thing: expected one, got none.', 'Give one.');
    },
  });
  dispatcher.receive({ kind: 'call', id: 1, name: 'residualNorms', params: { modelId: 'm', hookPoints: [] } });
  dispatcher.receive({ kind: 'abort', id: 1 });
  dispatcher.receive({ kind: 'call', id: 2, name: 'render', params: { modelId: 'm', messages: [] } });
  await settle();
  expect(sent).toContainEqual(expect.objectContaining({ kind: 'error', id: 1, error: expect.objectContaining({ name: 'AbortError' }) }));
  expect(sent).toContainEqual(
    expect.objectContaining({ kind: 'error', id: 2, error: expect.objectContaining({ name: 'ArgumentError', remedy: 'Give one.' }) }),
  );
});

test('a fatal error is followed by a failure of the worker', async () => {
  const { sent, dispatcher, settle } = serve(
    {
      render: async () => {
        throw new WebAssembly.RuntimeError('unreachable');
      },
    },
    (error) => error instanceof WebAssembly.RuntimeError,
  );
  dispatcher.receive({ kind: 'call', id: 1, name: 'render', params: { modelId: 'm', messages: [] } });
  await settle();
  expect(sent.map(({ kind }) => kind)).toEqual(['error', 'failure']);
});

test('every buffer of a result moves once', () => {
  const shared = new Float32Array(4);
  expect(transferables({ a: { data: shared }, b: [shared.subarray(1), new Float32Array(0)], c: ['text'], d: null })).toEqual([
    shared.buffer,
  ]);
});

test('a rejected task does not stop the mutex', async () => {
  const mutex = new Mutex();
  const order: number[] = [];
  const failing = mutex.run(async () => {
    order.push(1);
    throw new Error('no');
  });
  const next = mutex.run(async () => order.push(2));
  await expect(failing).rejects.toThrow('no');
  await next;
  expect(order).toEqual([1, 2]);
});
