import { JudgeError } from '../core/errors';
import { LIMITS } from '../core/limits';
import type { TokenProbability } from './scoring';

/** One reply of an OpenAI-compatible server: the sampled tokens, each with the likeliest candidates at its place. */
export interface Completion {
  text: string;
  tokens: Array<{ token: string; candidates: TokenProbability[] }>;
}

/** A failed call: whether trying again can help, and how long the server asked to wait. */
export class CallFailure extends JudgeError {
  constructor(
    message: string,
    remedy: string,
    readonly retry: boolean,
    readonly retryAfterMs: number | null = null,
  ) {
    super(message, remedy);
  }
}

/** Turns a status other than 200 into a failure with what to do about it. */
export function statusFailure(host: string, status: number, retryAfter: string | null, detail: string): CallFailure {
  const said = detail ? ` The server says: ${detail}` : '';
  const message = `API judge at ${host}: expected status 200, got ${status}.${said}`;
  if (status === 401 || status === 403) return new CallFailure(message, 'Check the key and that it may use this model.', false);
  if (status === 404)
    return new CallFailure(message, 'Check the base URL (it ends before /chat/completions) and the name of the model.', false);
  if (status === 429)
    return new CallFailure(message, 'Wait for the rate limit, or lower the number of calls at once.', true, retryAfterMs(retryAfter));
  if (status === 408 || status >= 500)
    return new CallFailure(message, 'Try again later, or choose another judge.', true, retryAfterMs(retryAfter));
  return new CallFailure(message, 'Check that the server supports chat completions with logprobs for this model.', false);
}

/** Milliseconds of a Retry-After header: seconds or a date; null when absent or unreadable. */
export function retryAfterMs(header: string | null, now = Date.now()): number | null {
  if (header === null) return null;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/**
 * Reads a body of at most `judgeReplyBytes`.
 * @throws CallFailure when it is longer.
 */
export async function boundedText(response: Response, host: string): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > LIMITS.judgeReplyBytes) {
      await reader.cancel();
      throw new CallFailure(
        `API judge at ${host}: expected a reply of at most ${LIMITS.judgeReplyBytes} bytes, got more.`,
        'Check the base URL.',
        false,
      );
    }
    parts.push(value);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return new TextDecoder().decode(bytes);
}

/**
 * Parses a chat completion with logprobs.
 * @throws CallFailure naming the field for anything else.
 */
export function parseCompletion(body: string, host: string): Completion {
  const fail = (what: string, remedy: string): never => {
    throw new CallFailure(`API judge at ${host}: expected ${what}, got ${JSON.stringify(body.slice(0, 80))}.`, remedy, false);
  };
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return fail('a JSON reply', 'Check the base URL: this is no chat-completions server.');
  }
  const choice = field(field(field(value, 'choices'), 0));
  const text = field(field(choice, 'message'), 'content');
  if (typeof text !== 'string') return fail('choices[0].message.content', 'Check that the server is OpenAI-compatible.');
  const content = field(field(choice, 'logprobs'), 'content');
  if (!Array.isArray(content) || content.length === 0)
    return fail('choices[0].logprobs.content', 'Choose a server and model that return logprobs: a score is an expectation over them.');
  return {
    text,
    tokens: content.map((entry: unknown) => {
      const top = field(entry, 'top_logprobs');
      const listed = Array.isArray(top) && top.length > 0 ? top : [entry];
      return { token: String(field(entry, 'token') ?? ''), candidates: listed.flatMap(candidate) };
    }),
  };
}

function candidate(entry: unknown): TokenProbability[] {
  const token = field(entry, 'token');
  const logprob = field(entry, 'logprob');
  if (typeof token !== 'string' || typeof logprob !== 'number' || !(logprob <= 0)) return [];
  return [{ token, probability: Math.exp(logprob) }];
}

function field(value: unknown, name?: string | number): unknown {
  if (name === undefined) return value;
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string | number, unknown>)[name]
    : undefined;
}
