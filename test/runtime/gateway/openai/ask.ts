/** What OpenAI's clients send, without one: requests and the events of a stream, as they are on the wire. */
import type { ServingOverlay } from '../../../../runtime/contract/manifest';
import { type Reply, type Serving, serve } from '../../serve';
import { handler } from '../../worker/handlers';

export const MODEL = 'parrot';

export const MESSAGES = [{ role: 'user', content: 'Hello' }];

/** An API with this predict.py, called `parrot`. */
export function serving(predict: string, overlay: ServingOverlay = {}): Promise<Serving> {
  return serve({ handler: handler(predict), overlay: { name: MODEL, ...overlay } });
}

export function ask(api: Serving, path: string, body: object, headers: Record<string, string> = {}): Promise<Reply> {
  const json = { 'content-type': 'application/json', ...headers };
  return api.request(`/v1/${path}`, { method: 'POST', body: JSON.stringify(body), headers: json });
}

export const chat = (api: Serving, more: object = {}) =>
  ask(api, 'chat/completions', { model: MODEL, messages: MESSAGES, ...more });

/** The data of each event, parsed, and `[DONE]` as it stands. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into documents of any form.
export function eventsOf({ text }: Reply): any[] {
  const events = text.split('\n\n');
  if (events.pop() !== '') throw new Error(`the last event has no end:\n${text}`);
  return events.map((event) => {
    if (!event.startsWith('data: ')) throw new Error(`not an event of OpenAI's: ${event}`);
    const data = event.slice('data: '.length);
    return data === '[DONE]' ? data : JSON.parse(data);
  });
}
