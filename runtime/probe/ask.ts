/** One request to a replica below the API's path, with a key where the API asks for one. */
import type { ProbeAnswer } from '../contract/probe';
import { withKey } from './key';
import { post } from './post';
import { setting } from './settings';
import type { Target } from './targets';

/** `body` left out: a GET. Text is sent as it is, anything else as JSON. */
export function ask(
  target: Target,
  path: string,
  body?: unknown,
  mostMs = Number.POSITIVE_INFINITY,
): Promise<ProbeAnswer> {
  const request = {
    path: `${setting('basePath')}${path}`,
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    timeoutMs: Math.min(Number(setting('timeoutMs')), mostMs),
  };
  return withKey((headers) => post(target, { ...request, headers }));
}
