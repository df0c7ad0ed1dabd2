/** What the gateway holds on to: its resident memory after a million requests, against that after ten thousand. */
import { setTimeout as sleep } from 'node:timers/promises';
import { atMost } from '../gates';
import { runClosedLoop } from '../load/wrk';
import { ALL, type Peer } from '../peers';
import { residentBytes } from '../processes';
import type { Row } from '../results';
import { Server } from '../server';
import { WORKS, type Work } from '../works';
import { type GateOptions, gateRow } from './gate';

const FIRST = 10_000;
const SETTLE_MS = 500;

export async function memory({ quick, progress, programs }: GateOptions): Promise<Row[]> {
  const last = quick ? 100_000 : 1_000_000;
  const work = WORKS[0] as Work;
  const ours = ALL[0] as Peer;
  const server = await Server.startPeer(ours, work, programs);
  const { path, headers } = ours.request(work);
  const { port, bodyFile } = server;
  let done = 0;
  const until = async (count: number, seconds: number) => {
    while (done < count) {
      progress.step(`memory: ${done} of ${last} requests`);
      done += (await runClosedLoop({ port, path, headers, bodyFile, connections: 64, seconds })).ok;
    }
    await sleep(SETTLE_MS);
    return residentBytes(server.pid);
  };
  try {
    const before = await until(FIRST, 1);
    const after = await until(last, 5);
    const load = `${last} requests`;
    const peer = `own after ${FIRST}`;
    return [gateRow({ work: 'memory', load, measure: 'gateway_rss', peer }, [after / before], atMost(1.1))];
  } finally {
    await server.stop();
  }
}
