/**
 * `npm run bench:autoscaling`: how fast and at what price our scaling follows a load, beside Cortex's, in a simulation of
 * both. docs/autoscaling.md says how and holds what the last whole run found; `--help` says what can be chosen.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConcurrencyScalingOptions, Scaling } from 'cdk-model-api';
import { serialized, writeFile } from '../serving/results';
import { chart } from './chart';
import { type Compared, rowsOf } from './comparison';
import { CORTEX_DEFAULTS } from './cortex';
import { type Options, readOptions, USAGE } from './options';
import { ours } from './ours';
import { cortex } from './peer';
import { replicaHourPrice } from './prices';
import { report } from './report';
import { simulate } from './simulation';
import { type Declared, readTemplate, templateOf } from './template';
import type { System } from './world';

const ROOT = join(__dirname, '../..');

/** What a user could choose instead of the defaults. */
const CHOICES: readonly ConcurrencyScalingOptions[] = [
  { burst: false },
  { targetUtilization: 0.7 },
  { targetUtilization: 0.8 },
];

function run(options: Options): void {
  const { workload, maxReplicas } = options;
  // The CDK's template validator takes seconds and has nothing to say here.
  process.env.CDK_VALIDATION ??= 'false';
  const declare = (chosen: ConcurrencyScalingOptions): Declared => {
    const scaling = Scaling.onConcurrency({ maxReplicas, ...chosen });
    return readTemplate(templateOf({ scaling, concurrency: workload.concurrency }));
  };
  const declared = declare({});
  const choices = CHOICES.map((chosen) => [saidFor(chosen), declare(chosen)] as const);
  const compared = options.traces.map((trace): Compared => {
    const runs = (system: System) =>
      Array.from({ length: options.seeds }, (_, seed) => simulate(system, trace, workload, seed + 1));
    if (!options.json) process.stderr.write(`${trace.title}\n`);
    const settings = { ...CORTEX_DEFAULTS, maxReplicas, targetInFlight: workload.concurrency };
    return {
      trace,
      ours: runs(ours(declared)),
      cortex: runs(cortex(settings)),
      choices: new Map(choices.map(([said, chosen]) => [said, [simulate(ours(chosen), trace, workload, 1)]])),
    };
  });
  const load = loadOf(options);
  const results = { versions: versionsOf(options), rows: compared.flatMap((one) => rowsOf(one, load)) };
  if (options.json) {
    console.log(JSON.stringify({ ...results, runs: compared.map(withoutSeries) }, null, 2));
    return;
  }
  const text = report({ results, compared, declared, price: options.price ?? replicaHourPrice(declared), options });
  console.log(text);
  if (!options.isWhole) return;
  writeFile(join(ROOT, 'bench/results/autoscaling.json'), serialized(results));
  writeFile(join(ROOT, 'docs/autoscaling.md'), text);
  writeFile(join(ROOT, 'docs/autoscaling.svg'), chart(compared));
}

function saidFor(chosen: ConcurrencyScalingOptions): string {
  return Object.entries(chosen)
    .map(([option, value]) => `\`${option}: ${value}\``)
    .join(', ');
}

function loadOf({ workload: { service, start } }: Options): string {
  return `${service} s a request, ${start.pull} + ${start.load} s to start`;
}

function versionsOf({ seeds, maxReplicas }: Options) {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return { 'cdk-model-api': version, cortex: '0.42.1', runs: seeds, 'most replicas': maxReplicas };
}

function withoutSeries({ trace, ours: mine, cortex: theirs }: Compared) {
  const plain = (outcomes: Compared['ours']) => outcomes.map(({ series: _, ...rest }) => rest);
  return { trace: trace.name, ours: plain(mine), cortex: plain(theirs) };
}

try {
  const args = process.argv.slice(2);
  if (args.includes('--help')) console.log(USAGE);
  else run(readOptions(args));
} catch (error) {
  console.error(`✗ ${(error as Error).message}`);
  process.exitCode = 1;
}
