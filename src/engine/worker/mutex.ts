/** Runs tasks one after another, in order of arrival; a rejected task does not stop the next. */
export class Mutex {
  private tail: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.tail.then(task, task);
    this.tail = result.catch(() => undefined);
    return result;
  }
}

/** Many shared tasks at once, or one exclusive task alone; an exclusive task waits for those running and holds back those after it. */
export class SharedLock {
  private readonly running = new Set<Promise<unknown>>();
  private exclusiveTail: Promise<unknown> = Promise.resolve();

  async shared<T>(task: () => Promise<T>): Promise<T> {
    await this.exclusiveTail;
    const result = task();
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.running.add(settled);
    void settled.then(() => this.running.delete(settled));
    return result;
  }

  exclusive<T>(task: () => Promise<T>): Promise<T> {
    const before = this.exclusiveTail;
    const result = before.then(() => Promise.all(this.running)).then(task);
    this.exclusiveTail = result.catch(() => undefined);
    return result;
  }
}

/** Lets queued messages (an abort among them) be handled before going on; unlike a timer it is not held back by the browser. */
export function yieldToMessages(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
