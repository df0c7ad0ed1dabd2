/**
 * The header `Server-Timing` (W3C Server Timing): where the time of an answer went, for whoever looks at it in a browser or
 * a client. Durations are milliseconds; how many rows its batch had is a description, since it is none.
 */

export interface Timings {
  /** Milliseconds since the request arrived. */
  readonly totalMs: number;
  /** Left out of what never became a prediction. */
  readonly queueMs?: number;
  readonly predictMs?: number;
  /** Rows of the call of predict_batch that it was part of. */
  readonly batch?: number;
  /** Of a stream: from the start of the call until its first item. */
  readonly firstItemMs?: number;
}

export function serverTiming({ totalMs, queueMs, predictMs, batch, firstItemMs }: Timings): string {
  const parts = [
    duration('queue', queueMs),
    duration('predict', predictMs),
    batch === undefined ? undefined : `batch;desc="${batch}"`,
    duration('first_item', firstItemMs),
    duration('total', totalMs),
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

const duration = (name: string, milliseconds?: number) =>
  milliseconds === undefined ? undefined : `${name};dur=${milliseconds.toFixed(2)}`;
