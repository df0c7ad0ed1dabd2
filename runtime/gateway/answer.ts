/** What a route answers with, before it becomes bytes on a connection. */
import type { ServingError } from './errors';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Why it is not the answer that was asked for. */
  readonly error?: ServingError;
}

export function json(status: number, value: unknown): Answer {
  return { status, contentType: 'application/json', body: JSON.stringify(value) };
}
