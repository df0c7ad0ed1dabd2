/** Sends one request to an API whose address is known, with the caller's key if it has one. */
import { CommandFailure, EXIT, interruption, usageFailure } from '../failure';
import type { Answer } from './answer';
import { type ApiKey, NO_KEY } from './api-key';

/** The address of `/predict`, from the API's own address or from that of `/predict` itself. */
export function predictUrl(target: string): URL {
  let url: URL;
  try {
    url = new URL(target);
  } catch {
    throw usageFailure('bad_url', `${target} is not a URL.`, { hint: 'Such as http://127.0.0.1:8080' });
  }
  if (!url.pathname.endsWith('/predict')) url.pathname = `${url.pathname.replace(/\/$/, '')}/predict`;
  return url;
}

const HEADERS = {
  'content-type': 'application/json',
  // What is printed is one JSON document, of a handler that streams too.
  accept: 'application/json',
  // One request only: a connection kept for a second one would hold up the gateway that is stopped after it.
  connection: 'close',
};

export async function predictOverHttp(
  url: URL,
  body: string,
  signal: AbortSignal,
  key: ApiKey = NO_KEY,
): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...HEADERS, ...key.headers },
      body,
      signal,
    });
    return { status: response.status, body: await response.text(), keyHint: key.hint };
  } catch (error) {
    if (signal.aborted) throw interruption();
    throw new CommandFailure('unreachable', EXIT.unreachable, `${url.origin} does not answer: ${causeOf(error)}.`, {
      hint: 'Is it running? "npx cdk-model-api dev" serves a directory; an internal API is reached with --stack.',
    });
  }
}

/** `fetch` hides the reason below "fetch failed". */
function causeOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: Error & { code?: string } };
  return cause?.code ?? cause?.message ?? message;
}
