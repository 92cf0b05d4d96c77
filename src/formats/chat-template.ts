import { Template } from '@huggingface/jinja';
import type { Message } from '../core/chat';
import { ArgumentError, FormatError } from '../core/errors';
import { LIMITS } from '../core/limits';

/** Put before every template: the library's own `range` builds a list of any length. */
const BOUND_RANGE = '{% set range = bounded_range %}';

/** A model's own chat template, in the Jinja dialect that transformers runs. */
export class ChatTemplate {
  private readonly template: Template;

  /**
   * `specialTokens` are the names that templates use, such as `bos_token`.
   * @throws FormatError naming the file for a template that does not parse.
   */
  constructor(
    text: string,
    private readonly file: string,
    private readonly specialTokens: Readonly<Record<string, string>>,
  ) {
    if (text.length > LIMITS.chatTemplateBytes) {
      throw new FormatError(
        `${file}: chat template: expected at most ${LIMITS.chatTemplateBytes} characters, got ${text.length}.`,
        'Take another copy of the model.',
      );
    }
    try {
      this.template = new Template(text);
      this.template.parsed.body.unshift(...new Template(BOUND_RANGE).parsed.body);
    } catch (error) {
      throw new FormatError(`${file}: chat template: expected Jinja, got ${messageOf(error)}.`, 'Take another copy of the model.');
    }
  }

  /** The conversation as the model's text. @throws ArgumentError when the template refuses the messages (such as a system message that it has no place for). */
  render(messages: readonly Message[], addGenerationPrompt: boolean): string {
    try {
      return this.template.render({
        ...this.specialTokens,
        messages: messages.map(({ role, content }) => ({ role, content })),
        add_generation_prompt: addGenerationPrompt,
        tools: null,
        documents: null,
        bounded_range: boundedRange,
      });
    } catch (error) {
      throw new ArgumentError(
        `${this.file}: chat template: expected messages that it can render, got a refusal: ${messageOf(error)}.`,
        'Change the roles or their order; some models take no system message.',
      );
    }
  }
}

/** Jinja's `range`, up to the limit. */
function boundedRange(start: number, stop?: number, step = 1): number[] {
  const [from, to] = typeof stop === 'number' ? [start, stop] : [0, start];
  const numbers: number[] = [];
  if (!(Math.abs(step) >= 1)) throw new Error('range() with no step');
  for (let value = from; step > 0 ? value < to : value > to; value += step) {
    if (numbers.push(value) > LIMITS.templateRange) throw new Error(`range() beyond ${LIMITS.templateRange} numbers`);
  }
  return numbers;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '').slice(0, 300);
}
