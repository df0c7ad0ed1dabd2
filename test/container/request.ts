/** One request on a connection of its own whose path goes out as it is written: fetch would resolve a `..` in it. */
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says.
  readonly body: any;
}

/** A GET, or a POST of the body when there is one. The answer is JSON; anything else is an error. */
export async function ask(origin: string, path: string, options: { body?: object; headers?: object } = {}) {
  const { hostname, port } = new URL(origin);
  const method = options.body === undefined ? 'GET' : 'POST';
  const headers = { 'content-type': 'application/json', ...options.headers };
  const asked = request({ hostname, port, path, method, headers, agent: false });
  asked.end(JSON.stringify(options.body));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const answer: Answer = {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: await json(response),
  };
  return answer;
}
