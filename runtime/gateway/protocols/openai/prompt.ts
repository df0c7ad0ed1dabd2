/** What a text API predicts from: the messages of a chat, or one prompt. What lies deeper is the handler's to judge. */
import { OpenAiErrors } from './problem';
import { type Fields, isFields } from './request';

export function checkMessages({ messages }: Fields): void {
  const areMessages = Array.isArray(messages) && messages.length > 0 && messages.every(isMessage);
  if (areMessages) return;
  throw OpenAiErrors.badRequest('messages', 'messages must be a list with at least one object, each with a role.');
}

const isMessage = (value: unknown) => isFields(value) && typeof value.role === 'string';

/** A list of one prompt is that prompt. */
export function promptOf({ prompt }: Fields): string {
  const one = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (typeof one === 'string') return one;
  throw OpenAiErrors.badRequest('prompt', 'prompt must be one string; this model takes neither several nor tokens.');
}
