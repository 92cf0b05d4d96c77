/** One turn of a conversation, as chat templates take it. */
export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** A conversation up to the answer, and the answer that is read or scored. */
export interface AnsweredMessages {
  messages: Message[];
  answer: string;
}
