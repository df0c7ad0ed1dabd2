/** One HTTP request to a replica, with a deadline. */
import { request } from 'node:http';
import type { ProbeAnswer } from '../contract/probe';
import type { Target } from './targets';

export interface Post {
  readonly path: string;
  /** Left out: a GET. */
  readonly body?: string;
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export function post(target: Target, { path, body, timeoutMs, headers = {} }: Post): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      ...target,
      path,
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headers, ...(body !== undefined && bodyHeaders(body)) },
      signal: AbortSignal.timeout(timeoutMs),
    });
    outgoing.on('error', (error) =>
      reject(new Error(`${target.host}:${target.port} did not answer: ${error.message}`)),
    );
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('error', reject);
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () =>
        resolve({
          statusCode: incoming.statusCode ?? 0,
          headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
          body: Buffer.concat(chunks).toString('utf8'),
          target: `${target.host}:${target.port}`,
        }),
      );
    });
    outgoing.end(body);
  });
}

const bodyHeaders = (body: string) => ({
  'content-type': 'application/json',
  // One document, of a handler that streams too.
  accept: 'application/json',
  'content-length': Buffer.byteLength(body),
});
