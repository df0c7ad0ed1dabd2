/**
 * What tracing systems are told of an answered request: a span of the server, and in it the time in the queue and the time
 * in the handler. Names and attributes are those of OpenTelemetry's semantic conventions for HTTP servers; nothing here
 * knows OpenTelemetry's code, which is loaded only where spans are sent.
 */
import type { Answer } from '../answer';
import type { Call } from '../call';
import { type ServingError, shown } from '../errors';
import { newSpanId } from '../trace';

export interface SpanException {
  readonly type: string;
  readonly message: string;
  readonly stacktrace?: string;
}

/** Times are milliseconds since 1970. */
export interface SpanRecord {
  readonly name: string;
  readonly kind: 'server' | 'internal';
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string;
  /** The parent is in another process. */
  readonly isRemote?: boolean;
  readonly tracestate?: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** The server failed; that a caller did is no error of its span. */
  readonly hasFailed: boolean;
  readonly exception?: SpanException;
}

const METHODS: ReadonlySet<string> = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'],
]);

/** The server's span first. `now` and `wallNow` are the same moment on both clocks. */
export function spansOf(call: Call, answer: Answer, now = performance.now(), wallNow = Date.now()): SpanRecord[] {
  const wall = (time: number) => wallNow - now + time;
  const server = serverSpan(call, answer, wall(call.arrivedAt), wallNow);
  const { prediction } = call;
  if (prediction === undefined) return [server];
  const startedAt = prediction.admittedAt + prediction.queueMs;
  const queue = child(server, 'queue', wall(prediction.admittedAt), wall(startedAt));
  if (!prediction.wasStarted) return [server, queue];
  const predict = child(server, 'predict', wall(startedAt), wall(startedAt + prediction.predictMs), answer.error);
  return [server, queue, predict];
}

function serverSpan(call: Call, answer: Answer, startMs: number, endMs: number): SpanRecord {
  const { trace, route } = call;
  const method = METHODS.has(call.method) ? call.method : '_OTHER';
  return {
    name: [method === '_OTHER' ? 'HTTP' : method, route].filter(Boolean).join(' '),
    kind: 'server',
    traceId: trace.traceId,
    spanId: trace.spanId,
    parentId: trace.parentId,
    isRemote: true,
    tracestate: trace.tracestate,
    startMs,
    endMs,
    attributes: defined({
      'http.request.method': method,
      'http.request.method_original': method === '_OTHER' ? call.method : undefined,
      'http.route': route,
      'url.path': shown(call.path),
      'url.scheme': 'http',
      'http.response.status_code': isDisconnected(answer) ? undefined : answer.status,
      'error.type': answer.error?.code,
      'user_agent.original': call.header('user-agent'),
      'model_api.request_id': call.requestId,
      'model_api.key_id': call.keyId,
    }),
    hasFailed: answer.status >= 500,
  };
}

/** What the handler or its worker did wrong shows on the span in which it happened. */
function child(server: SpanRecord, name: string, startMs: number, endMs: number, error?: ServingError): SpanRecord {
  return {
    name,
    kind: 'internal',
    traceId: server.traceId,
    spanId: newSpanId(),
    parentId: server.spanId,
    tracestate: server.tracestate,
    startMs,
    endMs,
    attributes: defined({ 'error.type': error?.code }),
    hasFailed: error !== undefined && server.hasFailed,
    exception: exceptionOf(error),
  };
}

function exceptionOf(error?: ServingError): SpanException | undefined {
  const failure = error?.details.failure;
  return failure && { type: failure.type, message: failure.message, stacktrace: failure.traceback };
}

const isDisconnected = ({ error }: Answer) => error?.code === 'disconnected';

function defined(attributes: Record<string, string | number | undefined>): Record<string, string | number> {
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Record<string, string | number>;
}
