/** What is remembered of an answered request: one line of the log, and the metrics. */
import type { Answer } from './answer';
import type { Call } from './call';
import { FAILURES, type ServingError, shown } from './errors';
import type { Level, Log } from './log';
import type { Metrics } from './metrics';

export function remember(call: Call, answer: Answer, log: Log, metrics: Metrics): void {
  const code = answer.error?.code;
  if (call.isProbe && code !== 'internal') return;
  if (!call.isProbe) count(call, answer, metrics);
  log.access(`${call.method} ${shown(call.path)} ${answer.status}`, fields(call, answer), levelOf(answer));
}

function count(call: Call, { status, error }: Answer, metrics: Metrics): void {
  const waitedMs = (call.answeredAt ?? performance.now()) - call.receivedAt;
  if (error?.code !== 'disconnected') metrics.answered(statusOf(status, error), waitedMs, error?.details.excuse);
  // Of a connection that was lost in the middle of a request nobody waited for an answer.
  else if (call.isWhole) metrics.disconnected(waitedMs);
}

/** A stream that failed had a good status when it began: it counts as what it would have been. */
const statusOf = (status: number, error?: ServingError) => (error === undefined ? status : FAILURES[error.code].status);

/** The same of bytes that never became a call: nothing is known of them but their answer. */
export function rememberRefusal(requestId: string, answer: Answer, log: Log, metrics: Metrics): void {
  const { status, error } = answer;
  metrics.refused(status);
  const fields = {
    request_id: requestId,
    status,
    error: error && errorFields(error),
  };
  log.access(`Refused ${status}`, fields, levelOf(answer));
}

function levelOf(answer: Answer): Level {
  const { error } = answer;
  const status = statusOf(answer.status, error);
  const excuse = error?.details.excuse;
  // Nobody can make errors of these, or fill the log with them; what is shed is counted, and an alarm's business.
  if (excuse !== undefined) return 'warning';
  return status >= 500 ? 'error' : status >= 400 ? 'warning' : 'info';
}

function fields(call: Call, { status, error }: Answer) {
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
    bytes_out: call.bytesOut,
    error: error && errorFields(error),
  };
}

/** All that is known: the caller is told less. */
function errorFields(error: ServingError): object {
  const { code, message, cause, details } = error;
  return { code, message, ...details.failure, ...(cause instanceof Error && { traceback: cause.stack }) };
}

const rounded = (milliseconds: number) => Math.round(milliseconds * 100) / 100;
