/**
 * Spans on their way to an OpenTelemetry collector, by OpenTelemetry's own code: batched in a bounded queue, sent as OTLP
 * over HTTP. Loaded only where it is configured. It is given spans that have ended, for their ids are the gateway's.
 */
import { createTraceState, type HrTime, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace';
import type { Log } from '../log';
import { Complaints } from './complaints';
import type { Environment, Service, SpanExport } from './span-export';
import type { SpanException, SpanRecord } from './spans';

const SCOPE = { name: 'cdk-model-api' };

export function otlpExport(env: Environment, service: Service, log: Log): SpanExport {
  const complaints = new Complaints(log);
  const exporter = complaints.over(exporterOf(env, complaints));
  const processor = new BatchSpanProcessor({ exporter, ...limitsOf(env) });
  const resource = resourceOf(service);
  return {
    add: (spans) => {
      for (const span of spans) processor.onEnd(readable(span, resource));
    },
    close: () => processor.shutdown(),
  };
}

/** Each reads its endpoint, headers, certificates, compression and timeout from the standard variables by itself. */
function exporterOf(env: Environment, complaints: Complaints): SpanExporter {
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL?.trim() || env.OTEL_EXPORTER_OTLP_PROTOCOL?.trim();
  if (protocol === 'http/json') return new JsonExporter();
  if (protocol !== undefined && protocol !== '' && protocol !== 'http/protobuf')
    complaints.tell(`Spans are sent by http/protobuf: this server does not have the OTLP protocol ${protocol}.`);
  return new ProtobufExporter();
}

function limitsOf(env: Environment) {
  const number = (name: string, byDefault: number) => {
    const value = Number(env[name]?.trim() || byDefault);
    return Number.isInteger(value) && value > 0 ? value : byDefault;
  };
  return {
    maxQueueSize: number('OTEL_BSP_MAX_QUEUE_SIZE', 2_048),
    maxExportBatchSize: number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512),
    scheduledDelayMillis: number('OTEL_BSP_SCHEDULE_DELAY', 5_000),
    exportTimeoutMillis: number('OTEL_BSP_EXPORT_TIMEOUT', 30_000),
  };
}

/** OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before what the gateway knows of itself. */
function resourceOf({ name, version }: Service): Resource {
  const own = resourceFromAttributes({ 'service.name': name, ...(version && { 'service.version': version }) });
  return defaultResource()
    .merge(own)
    .merge(detectResources({ detectors: [envDetector] }));
}

function readable(span: SpanRecord, resource: Resource): ReadableSpan {
  const { traceId, spanId, parentId, isRemote = false, attributes } = span;
  const traceState = span.tracestate === undefined ? undefined : createTraceState(span.tracestate);
  const context = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, traceState };
  return {
    name: span.name,
    kind: span.kind === 'server' ? SpanKind.SERVER : SpanKind.INTERNAL,
    spanContext: () => context,
    parentSpanContext: parentId === undefined ? undefined : { ...context, spanId: parentId, isRemote },
    startTime: hrTime(span.startMs),
    endTime: hrTime(span.endMs),
    duration: hrTime(span.endMs - span.startMs),
    status: { code: span.hasFailed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes,
    events: span.exception === undefined ? [] : [exceptionEvent(span.exception, hrTime(span.endMs))],
    links: [],
    ended: true,
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function exceptionEvent({ type, message, stacktrace }: SpanException, time: HrTime) {
  const attributes = {
    'exception.type': type,
    'exception.message': message,
    ...(stacktrace && { 'exception.stacktrace': stacktrace }),
  };
  return { name: 'exception', time, attributes };
}

/** Seconds and nanoseconds; a double is exact to less than a microsecond at this distance from 1970. */
function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1_000);
  return [seconds, Math.round((milliseconds - seconds * 1_000) * 1_000_000)];
}
