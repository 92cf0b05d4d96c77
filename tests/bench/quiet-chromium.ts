import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const PAGE_BYTES = 4096;
const START_TIMEOUT_MS = 30_000;

interface Reply {
  id?: number;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/**
 * A browser that nothing but our own expressions is asked of. Playwright switches the network instrumentation on, which keeps a copy of
 * what a page downloads in the page's own process; memory can only be measured without it.
 */
export class QuietChromium {
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private readonly profile = mkdtempSync(join(tmpdir(), 'vane-memory-'));
  private readonly process: ChildProcess;
  private lastId = 0;
  private page = '';

  constructor(executable: string, args: readonly string[] = []) {
    this.process = spawn(
      executable,
      [
        '--headless=new',
        '--no-sandbox',
        '--no-first-run',
        '--disable-gpu',
        '--remote-debugging-pipe',
        `--user-data-dir=${this.profile}`,
        ...args,
      ],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    let pending = '';
    (this.process.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const messages = (pending + text).split('\0');
      pending = messages.pop() ?? '';
      for (const message of messages) {
        const reply = JSON.parse(message) as Reply;
        if (reply.id !== undefined) this.waiting.get(reply.id)?.(reply);
      }
    });
  }

  private async send(method: string, params: object, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.lastId;
    const reply = await new Promise<Reply>((resolve) => {
      this.waiting.set(id, resolve);
      (this.process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
    this.waiting.delete(id);
    if (reply.error) throw new Error(`${method}: ${reply.error.message}`);
    return reply.result ?? {};
  }

  /** Opens a page and waits until an expression is true there. */
  async open(url: string, ready: string): Promise<void> {
    const { targetId } = await this.send('Target.createTarget', { url });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    this.page = sessionId as string;
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await this.evaluate(ready).catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`${url}: expected "${ready}" to become true.`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** The value of an expression, awaited. @throws Error with the page's own message. */
  async evaluate(expression: string): Promise<unknown> {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = (await this.send('Runtime.evaluate', options, this.page)) as {
      result: { value?: unknown };
      exceptionDetails?: { exception?: { description?: string } };
    };
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? 'the expression failed');
    return result.value;
  }

  /** Resident bytes of all processes of this browser that render pages. */
  async rendererBytes(): Promise<number> {
    const { processInfo } = (await this.send('SystemInfo.getProcessInfo', {})) as { processInfo: Array<{ type: string; id: number }> };
    let sum = 0;
    for (const { type, id } of processInfo) {
      if (type === 'renderer') sum += Number(readFileSync(`/proc/${id}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
    }
    return sum;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    await this.send('Browser.close', {}).catch(() => undefined);
    await ended;
    rmSync(this.profile, { recursive: true, force: true });
  }
}
