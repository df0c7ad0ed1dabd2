/**
 * The lines that the gateway writes on its standard output, as far as the command line reads them. Anything that is
 * not one of them (a crash's stack, a library's print) is passed on as it stands.
 */

import type { Failure, Handler } from '../../runtime/contract/handler';

/** The fields that every line has. */
interface LineHead {
  readonly time: string;
  readonly level: string;
  readonly msg: string;
}

export interface AccessLine extends LineHead {
  readonly event?: undefined;
  readonly route: string;
  readonly status: number;
  readonly duration_ms: number;
  readonly request_id: string;
  /** With what Python said, where Python failed. */
  readonly error?: { readonly code: string; readonly message: string } & Partial<Failure>;
}

/** What the handler printed or logged, for a request or while nobody asked. */
export interface OutputLine extends LineHead {
  readonly event: 'output';
  readonly request_id?: string;
}

/** How many samples a worker answered before it was ready, and how long that took. */
export interface WarmUpFields {
  readonly samples: number;
  readonly warmup_seconds: number;
}

export type EventLine = LineHead &
  (
    | { readonly event: 'listening'; readonly port: number }
    | ({ readonly event: 'loaded' | 'reloaded'; readonly handler: Handler } & WarmUpFields)
    | { readonly event: 'load_failed' | 'reload_failed'; readonly error: Failure }
    | { readonly event: 'worker_lost'; readonly reason: string }
    | { readonly event: 'draining'; readonly running: number; readonly queued: number }
    /** The file's absolute path. */
    | { readonly event: 'sample_ignored'; readonly file: string }
    | { readonly event: 'loading' | 'stopped' | 'unlogged' | 'failed' }
  );

export type GatewayLine = AccessLine | OutputLine | EventLine;

/** What Python said about a request that it failed. */
export function pythonFailure(line: AccessLine): Failure | undefined {
  return line.error?.traceback === undefined ? undefined : (line.error as Failure);
}

/** The line as an object, or undefined for what the gateway did not write itself. */
export function parseGatewayLine(text: string): GatewayLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const line = JSON.parse(text);
    return typeof line.event === 'string' || typeof line.status === 'number' ? line : undefined;
  } catch {
    return undefined;
  }
}
