import type { Message } from '../../core/chat';
import type { TextTokenizer } from '../../formats/text-tokenizer';

/** Token ids of a chat prompt, and of an answer that continues it: the ids that writing the answer token by token would give. */
export function encodeChat(
  tokenizer: TextTokenizer,
  { messages, answer }: { messages: Message[]; answer?: string },
): { promptIds: number[]; answerIds: number[] } {
  const rendered = tokenizer.render(messages, { addGenerationPrompt: true });
  const promptIds = tokenizer.encodeRendered(rendered);
  if (!answer) return { promptIds, answerIds: [] };
  const whole = tokenizer.encodeRendered(rendered + answer);
  const continues = promptIds.every((id, index) => whole[index] === id);
  // Where the answer's first letters merge with the prompt's last token, the boundary decides: the prompt stays as it is.
  return { promptIds, answerIds: continues ? whole.slice(promptIds.length) : tokenizer.encode(answer, { addSpecialTokens: false }) };
}
