import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { JudgeError } from '../../src/core/errors';
import { type ApiJudgeRequest, createApiJudge } from '../../src/judges/api';
import { CachedJudge, ScoreCache } from '../../src/judges/cache';
import { retryAfterMs } from '../../src/judges/chat-completion';
import { JudgeFailure, type JudgeRow } from '../../src/judges/judge';

const KEY = 'sk-very-secret-key-123';
let server: Server | undefined;
const prompts: string[] = [];

/** A server on this machine that answers as `handle` does; the returned address is its base URL. */
async function serve(handle: (prompt: string, response: ServerResponse, request: IncomingMessage, call: number) => void): Promise<string> {
  prompts.length = 0;
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const prompt = (JSON.parse(body) as { messages: Array<{ content: string }> }).messages[0]?.content ?? '';
      prompts.push(prompt);
      handle(prompt, response, request, prompts.length);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
  server = undefined;
});

function reply(response: ServerResponse, candidates: Record<string, number>): void {
  const top = Object.entries(candidates).map(([token, probability]) => ({ token, logprob: Math.log(probability) }));
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({ choices: [{ message: { content: top[0]?.token }, logprobs: { content: [{ ...top[0], top_logprobs: top }] } }] }),
  );
}

function fail(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers);
  response.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${KEY}.` } }));
}

const rows: JudgeRow[] = Array.from({ length: 6 }, (_, i) => ({ question: `question ${i}`, answer: `answer ${i}` }));
const make = (baseUrl: string, more: Partial<ApiJudgeRequest> = {}) =>
  createApiJudge({
    baseUrl,
    model: 'grader',
    apiKey: KEY,
    backoffMs: 1,
    rubrics: { alignment: 'Rate "{answer}" to "{question}".' },
    ...more,
  });

describe('API judge', () => {
  it('scores by expectation over the numbers, sends the key only as a header and shows it nowhere', async () => {
    const authorisations = new Set<string | undefined>();
    const base = await serve((_prompt, response, request) => {
      authorisations.add(request.headers.authorization);
      reply(response, { '80': 0.5, '60': 0.3, no: 0.2 });
    });
    const judge = make(base);
    const seen: number[] = [];
    const scores = await judge.judge(rows, { onScored: (index) => seen.push(index) });
    expect(scores[3]?.alignment).toBeCloseTo((80 * 0.5 + 60 * 0.3) / 0.8, 10);
    expect(seen.sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...authorisations]).toEqual([`Bearer ${KEY}`]);
    expect(JSON.stringify([judge, judge.id, judge.name, judge.describe(), scores])).not.toContain(KEY);
    expect(prompts.every((prompt) => !prompt.includes(KEY))).toBe(true);
  });

  it('gives no score under 0.25 numeric mass and passes REFUSAL on', async () => {
    const base = await serve((prompt, response) =>
      reply(response, prompt.includes('answer 0') ? { REF: 0.9, '20': 0.05 } : { '50': 0.2, well: 0.8 }),
    );
    const scores = await make(base).judge(rows.slice(0, 2));
    expect(scores[0]).toMatchObject({ alignment: null, verdict: 'refusal' });
    expect(scores[1]).toMatchObject({ alignment: null, reason: 'alignment: numeric mass 0.20 < 0.25' });
  });

  it("asks for letters where the server's tokenizer splits numbers", async () => {
    const base = await serve((prompt, response) =>
      reply(response, prompt.includes('one letter') ? { A: 0.5, B: 0.5 } : { '8': 0.6, '9': 0.4 }),
    );
    expect((await make(base, { concurrency: 1 }).judge(rows)).map((score) => score.alignment)).toEqual(rows.map(() => 87.5));
    expect(prompts.filter((prompt) => !prompt.includes('one letter'))).toHaveLength(1);
  });

  it('waits as long as Retry-After says and tries again on 429, 500 and broken connections', async () => {
    const base = await serve((_prompt, response, request, call) => {
      if (call === 1) fail(response, 429, { 'retry-after': '0.2' });
      else if (call === 2) fail(response, 503);
      else if (call === 3) request.socket.destroy();
      else reply(response, { '70': 1 });
    });
    const started = Date.now();
    expect((await make(base).judge(rows.slice(0, 1)))[0]?.alignment).toBe(70);
    expect(Date.now() - started).toBeGreaterThanOrEqual(190);
    expect(prompts).toHaveLength(4);
  });

  it('gives up after the last attempt and keeps what was scored', async () => {
    const base = await serve((prompt, response) => (prompt.includes('answer 4') ? fail(response, 500) : reply(response, { '30': 1 })));
    const judge = make(base, { maxAttempts: 2, concurrency: 1 });
    const error = (await judge.judge(rows).catch((failure: unknown) => failure)) as JudgeFailure;
    expect(error).toBeInstanceOf(JudgeFailure);
    expect(error.message).toMatch(/expected status 200, got 500\..*Try again later/);
    expect(error.partial.map((scores) => scores?.alignment ?? null)).toEqual([30, 30, 30, 30, null, null]);
  });

  it.each([
    [401, 'Check the key'],
    [403, 'Check the key'],
    [404, 'Check the base URL'],
    [400, 'supports chat completions with logprobs'],
  ])('stops at once on %i and tells the remedy without the key', async (status, remedy) => {
    const base = await serve((_prompt, response) => fail(response, status));
    const error = (await make(base, { concurrency: 1 })
      .judge(rows)
      .catch((failure: unknown) => failure)) as JudgeFailure;
    expect(error).toBeInstanceOf(JudgeError);
    expect(error.remedy).toContain(remedy);
    expect(error.message).toContain('[key]');
    expect(JSON.stringify([error.message, error.stack, error.remedy, error.partial, String(error.cause)])).not.toContain(KEY);
    expect(prompts).toHaveLength(1);
  });

  it.each([
    ['a web page', '<!doctype html><title>Hello</title>', 'a JSON reply'],
    ['another JSON', '{"ok":true}', 'choices[0].message.content'],
    ['no logprobs', '{"choices":[{"message":{"content":"80"}}]}', 'choices[0].logprobs.content'],
    ['a list', '[1,2]', 'choices[0].message.content'],
  ])('names what is missing in %s', async (_name, body, expected) => {
    const base = await serve((_prompt, response) => void response.end(body));
    await expect(make(base).judge(rows)).rejects.toThrow(expected);
  });

  it('refuses an endless reply', async () => {
    const base = await serve((_prompt, response) => {
      const pour = () => {
        while (response.write('x'.repeat(100_000)));
      };
      response.on('drain', pour);
      pour();
    });
    await expect(make(base).judge(rows.slice(0, 1))).rejects.toThrow('at most 2000000 bytes');
  });

  it('ends a call that never answers, and can be cancelled at once', async () => {
    const base = await serve(() => undefined);
    await expect(make(base, { timeoutMs: 60, maxAttempts: 1 }).judge(rows)).rejects.toThrow('within 60 ms');
    const controller = new AbortController();
    const running = make(base).judge(rows, { signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('says that the page itself may not speak plain http with another machine, and asks once', async () => {
    const asked = vi.fn(() => Promise.reject(new TypeError('Failed to fetch')));
    vi.stubGlobal('fetch', asked);
    vi.stubGlobal('location', { origin: 'https://page.example' });
    try {
      const judged = make('http://192.168.1.5:11434/v1').judge(rows.slice(0, 1));
      await expect(judged).rejects.toThrow(/got a network failure\. This page speaks plain http with localhost and 127\.0\.0\.1 only/);
      expect(asked).toHaveBeenCalledTimes(1);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('refuses addresses that carry secrets, without repeating them', () => {
    for (const baseUrl of [`https://user:${KEY}@host/v1`, `https://host/v1?key=${KEY}`, 'ftp://host', KEY, 'javascript:alert(1)']) {
      expect(() => make(baseUrl)).toThrow('base URL');
      expect(() => make(baseUrl)).not.toThrow(KEY);
    }
  });

  it('reads Retry-After as seconds or date', () => {
    expect(retryAfterMs('2')).toBe(2000);
    expect(retryAfterMs('Thu, 01 Jan 1970 00:00:10 GMT', 4000)).toBe(6000);
    expect(retryAfterMs('soon')).toBeNull();
    expect(retryAfterMs(null)).toBeNull();
  });
});

describe('score cache', () => {
  it('asks once for each question and answer, and survives a failure with what was scored', async () => {
    let healthy = false;
    const base = await serve((prompt, response) =>
      prompt.includes('answer 3') && !healthy ? fail(response, 404) : reply(response, { '40': 1 }),
    );
    const judge = new CachedJudge(make(base, { concurrency: 1 }), new ScoreCache());
    const doubled = [...rows, ...rows];
    const error = (await judge.judge(doubled).catch((failure: unknown) => failure)) as JudgeFailure;
    expect(error.partial.map((scores) => scores !== null)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    const before = prompts.length;
    healthy = true;
    const seen: number[] = [];
    const scores = await judge.judge(doubled, { onScored: (index) => seen.push(index) });
    expect(scores.map((score) => score.alignment)).toEqual(doubled.map(() => 40));
    expect(prompts.length - before).toBe(3);
    expect(seen.sort((a, b) => a - b)).toEqual(doubled.map((_, i) => i));
  });

  it('forgets the oldest when it is full', () => {
    const cache = new ScoreCache(2);
    const scores = { alignment: 1, coherence: null, domain: null };
    for (const row of rows.slice(0, 3)) cache.set('j', row, scores);
    expect([cache.size, cache.get('j', rows[0] as JudgeRow), cache.get('other', rows[2] as JudgeRow)]).toEqual([2, undefined, undefined]);
    expect(cache.get('j', rows[2] as JudgeRow)).toBe(scores);
  });
});
