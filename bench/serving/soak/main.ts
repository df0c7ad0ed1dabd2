/**
 * `npm run bench:soak [-- --minutes N]`: ten minutes of mixed load on the gateway, watching what it and its workers hold.
 * Ends with 1 when memory or descriptors grow, or when a caller got what it must not get.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { environment } from '../environment';
import { gatewayLaunch } from '../gateway';
import { Progress } from '../progress';
import { bytesOf } from '../request';
import { writeFile } from '../results';
import { ask, Server } from '../server';
import { Mixture } from './mixture';
import { judge, type Point, sample } from './series';
import { soakChart } from './soak-chart';

const ROOT = join(__dirname, '../../..');
const FULL_MINUTES = 10;
const SAMPLE_MS = 1_000;
const HEADERS = { 'Content-Type': 'application/json' };

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: String(FULL_MINUTES) } } });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`${values.minutes} is no number of minutes.`);
  const programs = await environment('ours');
  const server = await Server.start('ours', (port) => gatewayLaunch(programs, 'soak', { port, workers: 2 }));
  const streams = await startStreams(programs);
  try {
    await server.ready({ path: '/predict', headers: HEADERS, body: Buffer.from('{"act":"echo"}') }, () => true);
    if (streams === undefined) console.log('Streams are left out: this gateway does not serve the generator.');
    const mixture = new Mixture(server.port, streams?.port);
    const points = await watch(server.pid, minutes);
    await mixture.stop();
    return conclude(points, mixture, minutes);
  } finally {
    await server.stop();
    await streams?.stop();
  }
}

/** Nothing, when it cannot be had. */
async function startStreams(programs: string): Promise<Server | undefined> {
  const server = await Server.start('ours', (port) => gatewayLaunch(programs, 'stream', { port, loadAttempts: 1 }));
  const request = {
    path: '/predict',
    headers: { ...HEADERS, Accept: 'text/event-stream' },
    body: Buffer.from('{"features":[1]}'),
  };
  try {
    await server.ready(request, (text) => text.includes('tok 199'));
    return (await ask(server.port, bytesOf(request))) === undefined ? undefined : server;
  } catch {
    await server.stop();
    return undefined;
  }
}

async function watch(gateway: number, minutes: number): Promise<Point[]> {
  const progress = new Progress(minutes * 60);
  const startedAt = performance.now();
  const points: Point[] = [];
  while (performance.now() - startedAt < minutes * 60_000) {
    await sleep(SAMPLE_MS);
    const point = sample(gateway, startedAt);
    points.push(point);
    progress.spend(SAMPLE_MS / 1000);
    if (points.length % 10 === 0) {
      progress.step(
        `soak: gateway ${Math.round(point.gatewayBytes / 2 ** 20)} MiB, ${point.gatewayDescriptors} descriptors`,
      );
    }
  }
  return points;
}

function conclude(points: readonly Point[], mixture: Mixture, minutes: number): number {
  const { answered, unexpected } = mixture.tally;
  const verdict = judge(points);
  const isClean = Object.keys(unexpected).length === 0;
  const folder = minutes >= FULL_MINUTES ? join(ROOT, 'docs') : join(ROOT, 'node_modules/.cache/bench-serving/quick');
  const file = join(folder, 'benchmarks-soak.svg');
  writeFile(file, soakChart(points, verdict.text));
  console.log(`Calls: ${JSON.stringify(answered)}`);
  console.log(isClean ? 'Every caller got what it must.' : `Unexpected: ${JSON.stringify(unexpected)}`);
  console.log(`${verdict.text}\nWritten: ${file}`);
  return verdict.holds && isClean ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(`✗ ${error.message}`);
    process.exit(1);
  },
);
