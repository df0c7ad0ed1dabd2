/** What a handler can learn of the request that it works on: a worker gets it before the input, and hands it on if asked. */
import type { Trace } from './trace';

/** JSON. Whatever the handler calls in turn gets these two headers, so that it becomes a child of our span. */
export function requestContext(requestId: string, { traceparent, tracestate }: Trace): string {
  return JSON.stringify({ request_id: requestId, traceparent, tracestate });
}
