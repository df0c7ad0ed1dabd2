/** What is remembered of an answered request: one line of the log, and the metrics. */
import type { Answer } from './answer';
import type { Call } from './call';
import { type ServingError, shown } from './errors';
import type { Level, Log } from './log';
import type { Metrics } from './metrics';

export function remember(call: Call, answer: Answer, log: Log, metrics: Metrics): void {
  const code = answer.error?.code;
  if (call.isProbe && code !== 'internal') return;
  if (!call.isProbe) count(call, answer, metrics);
  log.access(`${call.method} ${shown(call.path)} ${answer.status}`, fields(call, answer), levelOf(answer));
}

function count(call: Call, { status, error }: Answer, metrics: Metrics): void {
  const waitedMs = performance.now() - call.receivedAt;
  if (error?.code !== 'disconnected') metrics.answered(status, waitedMs, error?.details.excuse);
  // Of a connection that was lost in the middle of a request nobody waited for an answer.
  else if (call.isWhole) metrics.disconnected(waitedMs);
}

/** The same of bytes that never became a call: nothing is known of them but their answer. */
export function rememberRefusal(requestId: string, answer: Answer, log: Log, metrics: Metrics): void {
  const { status, body, error } = answer;
  metrics.refused(status);
  const fields = {
    request_id: requestId,
    status,
    bytes_out: Buffer.byteLength(body),
    error: error && errorFields(error),
  };
  log.access(`Refused ${status}`, fields, levelOf(answer));
}

function levelOf({ status, error }: Answer): Level {
  const excuse = error?.details.excuse;
  // Nobody can make errors of these, or fill the log with them.
  if (excuse === 'caller' || excuse === 'loading') return 'warning';
  return status >= 500 ? 'error' : status >= 400 ? 'warning' : 'info';
}

function fields(call: Call, { status, body, error }: Answer) {
  const { prediction } = call;
  return {
    request_id: call.requestId,
    trace_id: call.trace.traceId,
    span_id: call.trace.spanId,
    route: call.route,
    key_id: call.keyId,
    status,
    duration_ms: rounded(performance.now() - call.arrivedAt),
    queue_ms: prediction && rounded(prediction.queueMs),
    predict_ms: prediction && rounded(prediction.predictMs),
    bytes_in: call.bytesIn,
    bytes_out: Buffer.byteLength(body),
    error: error && errorFields(error),
  };
}

/** All that is known: the caller is told less. */
function errorFields(error: ServingError): object {
  const { code, message, cause, details } = error;
  return { code, message, ...details.failure, ...(cause instanceof Error && { traceback: cause.stack }) };
}

const rounded = (milliseconds: number) => Math.round(milliseconds * 100) / 100;
