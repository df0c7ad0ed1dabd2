/** Turns a worker's result into the caller's answer: today always JSON, which the worker has written already. */
import type { Answer } from './answer';

export function encode(result: Buffer): Answer {
  return { status: 200, contentType: 'application/json', body: result };
}
