import { JudgeError } from '../core/errors';
import { plainHttpProblem } from '../core/plain-http';
import { createRng } from '../core/rng';
import { gathered } from './asked';
import { boundedText, CallFailure, type Completion, parseCompletion, statusFailure } from './chat-completion';
import { type Judge, JudgeFailure, type JudgeOptions, type JudgeRow, type ScoreKind, type Scores } from './judge';
import { asGrades, DEFAULT_RUBRICS, fillRubric, type Rubrics, rubricList } from './rubrics';
import { expectedScore, gradeScore, type NumericScore } from './scoring';
import type { Validity } from './validity';

export interface ApiJudgeRequest {
  /** Such as `https://api.example.com/v1`; `/chat/completions` is added. */
  baseUrl: string;
  model: string;
  /** Kept in memory only, and in no message, log or description. Local servers often need none. */
  apiKey?: string;
  rubrics?: Rubrics;
  /** `auto` asks for letters where the server's tokenizer splits numbers. */
  scale?: 'auto' | 'numbers' | 'letters';
  concurrency?: number;
  timeoutMs?: number;
  maxAttempts?: number;
  /** First wait before another attempt; doubles each time. */
  backoffMs?: number;
  validity?: Validity | null;
}

const MAX_WAIT_MS = 60_000;

/**
 * A judge behind an OpenAI-compatible chat-completions address, asked one rubric a call with `logprobs`: the score is the expectation over the likeliest 20 tokens.
 * Waits and tries again on 408, 429, 5xx, network faults and timeouts, honouring Retry-After; stops at once on 401, 403, 404 and replies that are no completion.
 * The key lives in this function's closure alone.
 * @throws JudgeError for an address that is no http(s) URL, carries a password, query or fragment, or for a missing model name.
 */
export function createApiJudge(request: ApiJudgeRequest): Judge {
  const {
    model,
    rubrics = DEFAULT_RUBRICS,
    scale = 'auto',
    concurrency = 4,
    timeoutMs = 60_000,
    maxAttempts = 5,
    backoffMs = 500,
  } = request;
  const apiKey = request.apiKey?.trim() ?? '';
  const address = checkedAddress(request.baseUrl);
  const blocked = plainHttpProblem(new URL(address.url), globalThis.location?.origin);
  if (model.trim() === '')
    throw new JudgeError('API judge: expected the name of a model, got none.', 'Write the name as the server lists it.');
  const list = rubricList(rubrics);
  if (list.length === 0) throw new JudgeError('API judge: expected at least one rubric, got 0.', 'Write a rubric.');
  const scores = [...new Set(list.map((rubric) => rubric.score))] as ScoreKind[];
  const rng = createRng(1, 0xa91);
  // Servers quote keys in their refusals; nothing that reaches a person or a log may.
  const redacted = (text: string) => (apiKey === '' ? text : text.replaceAll(apiKey, '[key]'));
  let asks: 'numbers' | 'letters' | 'undecided' = scale === 'auto' ? 'undecided' : scale;

  async function call(prompt: string, signal: AbortSignal): Promise<Completion> {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(`${address.url}/chat/completions`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...(apiKey === '' ? {} : { Authorization: `Bearer ${apiKey}` }) },
        body: JSON.stringify({
          model,
          messages: [{ role: 'user', content: prompt }],
          max_tokens: 3,
          temperature: 0,
          logprobs: true,
          top_logprobs: 20,
        }),
        signal: AbortSignal.any([signal, timeout]),
        redirect: 'error',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
      });
      const body = await boundedText(response, address.host);
      if (response.status !== 200)
        throw statusFailure(address.host, response.status, response.headers.get('retry-after'), redacted(serverMessage(body)));
      return parseCompletion(redacted(body), address.host);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof CallFailure) throw error;
      if (timeout.aborted)
        throw new CallFailure(
          `API judge at ${address.host}: expected a reply within ${timeoutMs} ms, got none.`,
          'Try again later, or choose another judge.',
          true,
        );
      throw new CallFailure(
        `API judge at ${address.host}: expected a connection, got a network failure.`,
        blocked ?? 'Check that the server runs and allows requests from this page (CORS).',
        blocked === null,
      );
    }
  }

  async function persistentCall(prompt: string, signal: AbortSignal): Promise<Completion> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call(prompt, signal);
      } catch (error) {
        if (!(error instanceof CallFailure) || !error.retry || attempt >= maxAttempts) throw error;
        const backoff = backoffMs * 2 ** (attempt - 1) * (0.75 + rng() / 2);
        await wait(Math.min(MAX_WAIT_MS, Math.max(backoff, error.retryAfterMs ?? 0)), signal);
      }
    }
  }

  async function score(rubric: string, row: JudgeRow, signal: AbortSignal): Promise<NumericScore> {
    const prompt = (text: string) => fillRubric(text, row.question, row.answer);
    if (asks !== 'letters') {
      const completion = await persistentCall(prompt(rubric), signal);
      const splits = asks === 'undecided' ? splitsNumbers(completion) : false;
      const answered = expectedScore(completion.tokens[0]?.candidates ?? []);
      if (splits !== null && asks === 'undecided') asks = splits ? 'letters' : 'numbers';
      if (!splits || answered.verdict) return answered;
    }
    return gradeScore((await persistentCall(prompt(asGrades(rubric)), signal)).tokens[0]?.candidates ?? []);
  }

  return {
    id: `api:${address.url}:${model}:${scale}:${JSON.stringify(list)}`,
    name: `${model} at ${address.host}`,
    kind: 'api',
    scores,
    validity: request.validity ?? null,
    describe: () =>
      `${model} at ${address.host} is asked for a number from 0 to 100 for ${scores.join(' and ')}; the score is the expectation over its 20 likeliest next tokens. Questions and answers are sent to that host.`,
    async judge(rows: readonly JudgeRow[], options: JudgeOptions = {}): Promise<Scores[]> {
      const found = new Array<Scores | null>(rows.length).fill(null);
      // One failure that will not pass ends the other calls too.
      const stop = new AbortController();
      const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
      let next = 0;
      let failure: unknown = null;
      const lane = async () => {
        while (next < rows.length && !signal.aborted) {
          const index = next++;
          const row = rows[index] as JudgeRow;
          try {
            const results: NumericScore[] = [];
            for (const rubric of list) results.push(await score(rubric.text, row, signal));
            const scored = gathered(list, results);
            found[index] = scored;
            options.onScored?.(index, scored);
          } catch (error) {
            if (!signal.aborted) failure = error;
            stop.abort();
            return;
          }
        }
      };
      await Promise.all(Array.from({ length: Math.max(1, Math.min(concurrency, rows.length)) }, lane));
      options.signal?.throwIfAborted();
      if (failure instanceof CallFailure)
        throw new JudgeFailure(failure.message.slice(0, -failure.remedy.length - 1), failure.remedy, found);
      if (failure !== null) throw failure;
      return found as Scores[];
    },
  };
}

/**
 * Whether the server's tokenizer splits numbers: false when a number of two or three digits is one token, true when only single digits are among the candidates;
 * null when the reply starts with no number.
 */
function splitsNumbers({ tokens }: Completion): boolean | null {
  const candidates = tokens[0]?.candidates ?? [];
  if (candidates.some(({ token }) => /^\s*\d{2,3}$/.test(token))) return false;
  return candidates.some(({ token }) => /^\s*\d$/.test(token)) ? true : null;
}

function checkedAddress(baseUrl: string): { url: string; host: string } {
  const fail = (): never => {
    // The address itself is not repeated: people paste keys into the wrong field.
    throw new JudgeError(
      'API judge base URL: expected http(s)://host/path without password, query or fragment, got another text.',
      'Write it like https://api.example.com/v1.',
    );
  };
  if (!URL.canParse(baseUrl)) return fail();
  const url = new URL(baseUrl);
  if (
    (url.protocol !== 'http:' && url.protocol !== 'https:') ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  )
    return fail();
  return { url: url.href.replace(/\/+$/, '').replace(/\/chat\/completions$/, ''), host: url.host };
}

/** The server's own words about a failure, one short line. */
function serverMessage(body: string): string {
  try {
    const error: unknown = (JSON.parse(body) as { error?: unknown }).error;
    const message = typeof error === 'string' ? error : (error as { message?: unknown })?.message;
    return typeof message === 'string' ? message.replace(/\s+/g, ' ').slice(0, 200) : '';
  } catch {
    return '';
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
