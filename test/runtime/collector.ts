/**
 * An OpenTelemetry collector for one test: it takes what is sent to `/v1/traces` as OTLP over HTTP, JSON or protobuf, and
 * tells the spans.
 */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { until } from './gate';
import { type Message, message, text } from './protobuf';

export interface CollectedSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly status: number;
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, string | number>> }[];
  /** Nanoseconds since 1970. */
  readonly start: bigint;
  readonly end: bigint;
  readonly traceState: string;
}

export class Collector {
  readonly spans: CollectedSpan[] = [];
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
  resource: Record<string, string | number> = {};
  /** It answers only when this has resolved. */
  held: Promise<void> = Promise.resolve();
  url = '';

  /** Resolves to the spans when there are so many; the test's own timeout is the limit. */
  async has(count: number): Promise<CollectedSpan[]> {
    await until(() => this.spans.length >= count);
    return this.spans;
  }

  take(contentType: string | undefined, body: Buffer): void {
    const isJson = contentType === 'application/json';
    for (const { resource, spans } of isJson ? fromJson(JSON.parse(body.toString())) : fromProtobuf(body)) {
      this.resource = resource;
      this.spans.push(...spans);
    }
  }
}

export async function collector(): Promise<Collector> {
  const collected = new Collector();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    collected.requests.push({ path: request.url as string, headers: request.headers });
    collected.take(request.headers['content-type'], Buffer.concat(chunks));
    await collected.held;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  collected.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return collected;
}

interface Collected {
  readonly resource: Record<string, string | number>;
  readonly spans: CollectedSpan[];
}

interface JsonAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number; readonly doubleValue?: number };
}

function attributesOfJson(attributes: readonly JsonAttribute[] = []): Record<string, string | number> {
  const content = ({ value }: JsonAttribute) => value.stringValue ?? Number(value.intValue ?? value.doubleValue);
  return Object.fromEntries(attributes.map((attribute) => [attribute.key, content(attribute)]));
}

interface JsonSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly attributes?: readonly JsonAttribute[];
  readonly status: { readonly code?: number };
  readonly events: readonly { readonly name: string; readonly attributes?: readonly JsonAttribute[] }[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

interface JsonBody {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes?: readonly JsonAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly JsonSpan[] }[];
  }[];
}

function fromJson({ resourceSpans }: JsonBody): Collected[] {
  return resourceSpans.map(({ resource, scopeSpans }) => ({
    resource: attributesOfJson(resource.attributes),
    spans: scopeSpans.flatMap(({ spans }) => spans).map(spanOfJson),
  }));
}

function spanOfJson(span: JsonSpan): CollectedSpan {
  const { name, kind, traceId, spanId, parentSpanId = '', traceState = '' } = span;
  return {
    ...{ name, kind, traceId, spanId, parentSpanId, traceState },
    attributes: attributesOfJson(span.attributes),
    status: span.status.code ?? 0,
    events: span.events.map((event) => ({ name: event.name, attributes: attributesOfJson(event.attributes) })),
    start: BigInt(span.startTimeUnixNano),
    end: BigInt(span.endTimeUnixNano),
  };
}

/** Field numbers of opentelemetry/proto/trace/v1/trace.proto and common/v1/common.proto. */
function fromProtobuf(body: Buffer): Collected[] {
  return message(body)
    .all(1)
    .map(message)
    .map((resourceSpans) => ({
      resource: attributesOf(message(resourceSpans.all(1)[0] as Buffer), 1),
      spans: resourceSpans
        .all(2)
        .map(message)
        .flatMap((scopeSpans) => scopeSpans.all(2).map(message).map(spanOf)),
    }));
}

const hex = (span: Message, field: number) => span.all(field)[0]?.toString('hex') ?? '';

function spanOf(span: Message): CollectedSpan {
  return {
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    traceState: text(span, 3),
    parentSpanId: hex(span, 4),
    name: text(span, 5),
    kind: Number(span.number(6)),
    start: span.number(7),
    end: span.number(8),
    attributes: attributesOf(span, 9),
    events: span
      .all(11)
      .map(message)
      .map((event) => ({ name: text(event, 2), attributes: attributesOf(event, 3) })),
    status: Number(message(span.all(15)[0] ?? Buffer.alloc(0)).number(3)),
  };
}

function attributesOf(holder: Message, field: number): Record<string, string | number> {
  const entries = holder
    .all(field)
    .map(message)
    .map((attribute) => {
      const value = message(attribute.all(2)[0] as Buffer);
      return [text(attribute, 1), value.all(1).length > 0 ? text(value, 1) : Number(value.number(3))];
    });
  return Object.fromEntries(entries);
}
