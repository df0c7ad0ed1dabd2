/**
 * `npm run bench:serving`: this gateway beside the other servers of Python models, on the same work, in one run.
 * docs/benchmarks.md says how and holds what the last full run found; `--help` says what can be chosen.
 */
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { chart } from './chart';
import { rowsOf } from './compare';
import { GATE_SECONDS, measureGates } from './gates/all';
import { type Options, readOptions, USAGE } from './options';
import { type Plan, peersOf, planOf, SLICE_SECONDS } from './plan';
import { minutes, Progress } from './progress';
import { report } from './report';
import { merged, type Results, type Row, readResults, serialized, writeFile } from './results';
import { type Measured, measureWork, type Samples } from './rounds';
import { spread } from './statistics';
import { versionsOf } from './versions';

const ROOT = join(__dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/bench-serving');
const QUICK = join(CACHE, 'quick');
const CONTROL = 'bare-node-http';
const CONTROL_SPREAD = 0.1;
const SOAK = 'benchmarks-soak.svg';
/** Of the last minute, for both cores: above it somebody else is at work. */
const BUSY = 0.5;

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) return console.log(USAGE);
  const options = readOptions(args);
  const load = loadavg()[0];
  if (load > BUSY && !options.force) {
    throw new Error(`The machine is busy (load ${load.toFixed(2)}, at most ${BUSY}): wait, or say --force.`);
  }
  const plan = planOf(options, GATE_SECONDS[options.quick ? 'quick' : 'full']);
  const progress = new Progress(plan.seconds);
  const rounds = `${plan.rounds} closed, ${plan.openRounds} open${options.quick ? ' (quick)' : ''}, load before ${load.toFixed(2)}`;
  progress.say(`About ${minutes(plan.seconds)} minutes; rounds: ${rounds}.`);
  const used = options.peers.filter(
    (peer) => peer.name === 'ours' || options.works.some(({ name }) => peer.works.includes(name)),
  );
  const versions = await versionsOf(options.works.length === 0 ? used.slice(0, 1) : used, rounds, progress);
  progress.say(JSON.stringify(versions, null, 2));
  const absent = new Map<string, string>();
  const rows = [...(await works(options, plan, progress, absent)), ...(await gates(options, progress, absent))];
  const results = { versions: { ...versions, ...notMeasured(absent) }, rows };
  write(results, absent, options.quick);
}

async function works(options: Options, plan: Plan, progress: Progress, absent: Map<string, string>): Promise<Row[]> {
  const rows: Row[] = [];
  const raw: Record<string, Samples> = {};
  for (const work of options.works) {
    const peers = peersOf(work, options.peers);
    const measured = await measureWork(work, peers, { ...plan, sliceSeconds: SLICE_SECONDS, progress });
    for (const [peer, reason] of measured.absent) absent.set(`${peer}, ${work.name}`, reason);
    rows.push(...rowsOf(measured, peers));
    raw[work.name] = measured.samples;
    warnOfControl(measured, progress);
  }
  writeFile(join(CACHE, 'samples.json'), JSON.stringify(raw, null, 1));
  return rows;
}

/** What does nothing but answer must do so evenly, or it is the machine that varies. */
function warnOfControl({ samples }: Measured, progress: Progress): void {
  const rates = samples.values('c=64', CONTROL, 'throughput').filter(Number.isFinite);
  const varied = spread(rates);
  if (varied > CONTROL_SPREAD) {
    progress.say(`The control varied by ${Math.round(varied * 100)} % between rounds: a quieter machine says more.`);
  }
}

async function gates(options: Options, progress: Progress, absent: Map<string, string>): Promise<Row[]> {
  return options.gates ? measureGates(options.quick, progress, absent) : [];
}

function notMeasured(absent: ReadonlyMap<string, string>): Record<string, Record<string, string>> {
  return absent.size === 0 ? {} : { 'not measured': Object.fromEntries(absent) };
}

/** A quick run proves nothing and replaces nothing. */
function write(now: Results, absent: ReadonlyMap<string, string>, quick: boolean): void {
  const file = quick ? join(QUICK, 'serving.json') : join(ROOT, 'bench/results/serving.json');
  const docs = quick ? QUICK : join(ROOT, 'docs');
  const results = merged(readResults(file), now);
  const soak = existsSync(join(docs, SOAK)) ? SOAK : undefined;
  const text = report(results, { chart: 'benchmarks.svg', soak, absent });
  writeFile(file, serialized(results));
  writeFile(join(docs, 'benchmarks.md'), text);
  writeFile(join(docs, 'benchmarks.svg'), chart(results.rows));
  console.log(text);
  console.log(`Written: ${file}, ${join(docs, 'benchmarks.md')}, ${join(docs, 'benchmarks.svg')}`);
}

main().then(
  () => process.exit(process.exitCode),
  (error: Error) => {
    console.error(`✗ ${error.message}`);
    process.exit(1);
  },
);
