/**
 * The closed loops: wrk, because a driver that shares two cores with the server must take as little of them as can be.
 * Each connection sends its next request when its last is answered. Streams too: their last byte ends the request.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LoadResult } from './load-result';

const SCRIPT = join(__dirname, 'post.lua');

export interface ClosedLoopOptions {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyFile: string;
  readonly connections: number;
  /** Whole seconds: wrk knows no fractions. */
  readonly seconds: number;
}

interface Report {
  readonly requests: number;
  readonly micros: number;
  readonly p50: number;
  readonly p99: number;
  readonly status: number;
  readonly broken: number;
}

export async function runClosedLoop(options: ClosedLoopOptions): Promise<LoadResult> {
  const { port, path, headers, bodyFile, connections, seconds } = options;
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const load = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '--script', SCRIPT];
  const report = await reportOf([...load, `http://127.0.0.1:${port}${path}`, '--', bodyFile, ...fields]);
  const failed = report.status + report.broken;
  const ok = report.requests - report.status;
  return {
    ok,
    offered: report.requests + report.broken,
    seconds: report.micros / 1e6,
    p50: report.p50 / 1000,
    p99: report.p99 / 1000,
    good: ok,
    shed: 0,
    shedP99: Number.NaN,
    failed,
  };
}

async function reportOf(args: readonly string[]): Promise<Report> {
  const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk;
    });
  }
  const [code] = await once(child, 'close');
  const line = /^REPORT (.*)$/m.exec(text)?.[1];
  if (code !== 0 || line === undefined) throw new Error(`wrk ended with ${code}:\n${text}`);
  return JSON.parse(line);
}
