/**
 * SIGTERM under load, with a driver that does what a load balancer does: it asks /readyz, and opens no new connection once
 * that is 503, while it goes on using those that it has until the server closes them. Nothing may fail.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { atMost } from '../gates';
import { gatewayLaunch } from '../gateway';
import { ALL, type Peer } from '../peers';
import { bytesOf } from '../request';
import type { Row } from '../results';
import { ask, Server } from '../server';
import { WORKS, type Work } from '../works';
import { Callers } from './callers';
import { type GateOptions, gateRow } from './gate';

const CALLERS = 16;
const SERVE_ON_MS = 1_000;
const BEFORE_MS = 300;
const PROBE_MS = 50;
const EXIT_MS = 15_000;
const READY = Buffer.from('GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');

export async function drain({ quick, progress, programs }: GateOptions): Promise<Row[]> {
  const times = quick ? 5 : 50;
  let failed = 0;
  let sent = 0;
  for (let time = 0; time < times; time++) {
    progress.step(`SIGTERM under load, ${time + 1} of ${times}`);
    const drained = await drainOnce(programs);
    failed += drained.failed;
    sent += drained.sent;
    if (drained.failed > 0) progress.say(`SIGTERM ${time + 1}: ${drained.failed} failed: ${drained.failures}`);
  }
  const load = `${times} times, ${sent} requests`;
  return [gateRow({ work: 'SIGTERM', load, measure: 'failed', peer: 'nobody: a count' }, [failed], atMost(0))];
}

async function drainOnce(programs: string): Promise<{ failed: number; sent: number; failures: string }> {
  const work = WORKS[0] as Work;
  const overlay = { serveOnMs: SERVE_ON_MS };
  const server = await Server.start('ours', (port) => gatewayLaunch(programs, work.name, { ...overlay, port }));
  try {
    const request = (ALL[0] as Peer).request(work);
    await server.ready(request, work.isRight);
    const bytes = bytesOf(request);
    const callers = new Callers({ port: server.port, count: CALLERS, pauseMs: 3, renewOneIn: 20, bytes: () => bytes });
    const watch = watchReadiness(server, callers);
    await sleep(BEFORE_MS);
    const signalledAt = performance.now();
    server.signal('SIGTERM');
    while (!server.hasExited && performance.now() - signalledAt < EXIT_MS) await sleep(10);
    await callers.stop();
    await watch;
    const lost = callers.failed;
    const failures = lost.map(({ status, sentAt }) => `${status} at ${Math.round(sentAt - signalledAt)} ms`).join(', ');
    const stayed = server.hasExited ? 0 : 1;
    return { failed: lost.length + stayed, sent: callers.calls.length, failures: failures || 'it did not end' };
  } finally {
    await server.stop();
  }
}

async function watchReadiness(server: Server, callers: Callers): Promise<void> {
  while (!server.hasExited) {
    const answer = await ask(server.port, READY);
    if (answer?.status !== 200) {
      callers.mayConnect = false;
      return;
    }
    await sleep(PROBE_MS);
  }
}
