/** One request as every load driver sends it, again and again: its parts for wrk, its bytes for our own driver. */
import type { Work } from './works';

export interface HttpRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export function bytesOf(request: HttpRequest, host = '127.0.0.1'): Buffer {
  const headers = { Host: host, ...request.headers, 'Content-Length': String(request.body.length) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${request.path} HTTP/1.1\r\n${lines.join('')}\r\n`), request.body]);
}

/** What most peers take: an object with one member. `rows` is for those that take a batch from each caller. */
export function jsonRequest(path: string, work: Work, form: 'features' | 'rows' = 'features'): HttpRequest {
  const value = form === 'rows' ? { rows: [work.features] } : { features: work.features };
  const accept: Record<string, string> = work.name === 'stream' ? { Accept: 'text/event-stream' } : {};
  return { path, headers: { 'Content-Type': 'application/json', ...accept }, body: Buffer.from(JSON.stringify(value)) };
}

/** The tensor's bytes and nothing else. */
export function rawRequest(path: string, work: Work): HttpRequest {
  return { path, headers: { 'Content-Type': 'application/octet-stream' }, body: floats(work) };
}

/** Open Inference Protocol, the tensor as JSON. */
export function oipRequest(path: string, work: Work): HttpRequest {
  const input = { name: 'features', shape: [1, work.features.length], datatype: 'FP64', data: work.features };
  return {
    path,
    headers: { 'Content-Type': 'application/json' },
    body: Buffer.from(JSON.stringify({ inputs: [input] })),
  };
}

/** Open Inference Protocol with the binary extension: a JSON head, then the tensor's bytes. */
export function oipBinaryRequest(path: string, work: Work): HttpRequest {
  const tensor = floats(work);
  const parameters = { binary_data_size: tensor.length };
  const input = { name: 'features', shape: [work.features.length], datatype: 'FP32', parameters };
  const head = Buffer.from(JSON.stringify({ inputs: [input] }));
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Inference-Header-Content-Length': String(head.length),
  };
  return { path, headers, body: Buffer.concat([head, tensor]) };
}

function floats(work: Work): Buffer {
  return Buffer.from(Float32Array.from(work.features).buffer);
}
