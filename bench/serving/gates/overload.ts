/**
 * Half again as much as it can do: what is answered in time must not fall below what it does at its best, and who is
 * refused must know before the served have their answers. A handler of 10 ms of CPU, so that the worker is what saturates.
 */
import { atLeast, atMost } from '../gates';
import { runOpenLoop } from '../load/open-loop';
import { runClosedLoop } from '../load/wrk';
import { ALL, type Peer } from '../peers';
import type { Row } from '../results';
import { Server } from '../server';
import { WORKS, type Work } from '../works';
import { type GateOptions, gateRow } from './gate';

const SECONDS = 4;
/** Filling the queue is not yet overload. */
const WARM_UP_SECONDS = 1;
const LOAD = 'open 150 %';

export async function overload({ quick, progress, programs }: GateOptions): Promise<Row[]> {
  const rounds = quick ? 2 : 7;
  const work = WORKS.find(({ name }) => name === 'cpu') as Work;
  const ours = ALL[0] as Peer;
  const server = await Server.startPeer(ours, work, programs);
  const goodput: number[] = [];
  const shed: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      progress.step(`overload, round ${round + 1} of ${rounds}`);
      const { path, headers } = ours.request(work);
      const { port, bodyFile, requestFile } = server;
      const closed = { port, path, headers, bodyFile, connections: 64, seconds: 2 };
      const peak = await server.during(runClosedLoop(closed));
      const rate = (1.5 * peak.ok) / peak.seconds;
      const limits = { connections: 400, deadlineMs: work.deadlineMs };
      const times = { seconds: SECONDS, warmUpSeconds: WARM_UP_SECONDS };
      const result = await server.during(runOpenLoop({ port, requestFile, rate, ...times, ...limits }));
      goodput.push(result.good / result.seconds / (peak.ok / peak.seconds));
      shed.push(result.shedP99 / result.p50);
    }
  } finally {
    await server.stop();
  }
  const served = gateRow({ work: 'overload', load: LOAD, measure: 'goodput', peer: 'own peak' }, goodput, atLeast(0.9));
  const measured = shed.filter(Number.isFinite);
  if (measured.length === 0) {
    progress.say('overload: nothing was shed, or nothing was served, so that the two cannot be compared');
    return [served];
  }
  const key = { work: 'overload', load: LOAD, measure: 'shed_p99', peer: 'own served p50' };
  return [served, gateRow(key, measured, atMost(1))];
}
