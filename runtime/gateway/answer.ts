/** What a route answers with, before it becomes bytes on a connection. */
import type { ServingError } from './errors';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer | string | StreamedBody;
  readonly headers?: Readonly<Record<string, string>>;
  /** Why it is not the answer that was asked for; of a stream, what ended it early. */
  readonly error?: ServingError;
}

/** A body whose pieces come one after the other, for as long as they are taken. */
export interface StreamedBody {
  pipe(sink: BodySink): void;
}

export interface BodySink {
  /** `taken` is called when the connection has taken it and another one is welcome. */
  write(piece: Buffer | string, taken: () => void): void;
  /** After the last piece. `cut` closes the connection in the middle of the body, where nothing else says that it failed. */
  end(error?: ServingError, cut?: boolean): void;
}

/** Of a body that comes in pieces. Nothing on the way may gather it: nginx reads the last header, the others the first. */
export const UNBUFFERED = { 'Cache-Control': 'no-cache, no-transform', 'X-Accel-Buffering': 'no' };

export function json(status: number, value: unknown): Answer {
  return { status, contentType: 'application/json', body: JSON.stringify(value) };
}
