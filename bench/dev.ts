/**
 * `npm run bench:dev`: what a developer waits for. Every time is the median of five on this machine (making the
 * environment is timed once: it mostly times the network). Synthesis is also given as a ratio to the CDK's own pattern,
 * measured in turns in the same run, because seconds differ by machine and ratios hardly.
 */
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { OVERLAY_VARIABLE, PATH_VARIABLES } from '../runtime/contract/manifest';
import { DevServer } from '../scripts/dev-server';

const ROOT = join(__dirname, '..');
const RUNS = 5;

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'model-api-bench-'));
  const model = join(folder, 'model');
  cpSync(join(ROOT, 'examples/iris/model'), model, { recursive: true });
  try {
    await benchReady(model, { XDG_CACHE_HOME: join(folder, 'cache') });
    await benchReload(model, { XDG_CACHE_HOME: join(folder, 'cache') });
    await benchGateway(model, folder);
    benchBundles();
    benchSynth(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function benchReady(model: string, env: NodeJS.ProcessEnv): Promise<void> {
  const timeToReady = async () => {
    const startedAt = performance.now();
    const server = new DevServer(model, env);
    await server.next('ready');
    const durationMs = performance.now() - startedAt;
    await server.stop();
    return durationMs;
  };
  report('dev: ready, with the environment to be made', milliseconds(await timeToReady()));
  report('dev: ready, with the environment cached', milliseconds(await medianOf(timeToReady)));
}

async function benchReload(model: string, env: NodeJS.ProcessEnv): Promise<void> {
  const server = new DevServer(model, env);
  await server.next('ready');
  const timeToReload = async () => {
    const reloaded = server.next('reloaded');
    const savedAt = performance.now();
    appendFileSync(join(model, 'predict.py'), '# saved\n');
    await reloaded;
    return performance.now() - savedAt;
  };
  report('dev: from save to reloaded', milliseconds(await medianOf(timeToReload)));
  await server.stop();
}

async function benchGateway(model: string, folder: string): Promise<void> {
  const manifest = join(folder, 'serving.json');
  writeFileSync(manifest, JSON.stringify({ manifestVersion: 1, entry: 'predict.py' }));
  const env = {
    ...process.env,
    [PATH_VARIABLES.handler]: model,
    [PATH_VARIABLES.manifest]: manifest,
    [PATH_VARIABLES.python]: 'python3',
    [PATH_VARIABLES.worker]: join(ROOT, 'runtime/worker'),
    [OVERLAY_VARIABLE]: JSON.stringify({ host: '127.0.0.1', port: 0 }),
  };
  report('gateway: from start to listening', milliseconds(await medianOf(() => timeToListen(env))));
}

async function timeToListen(env: NodeJS.ProcessEnv): Promise<number> {
  const startedAt = performance.now();
  const gateway = spawn(process.execPath, [join(ROOT, 'runtime/dist/gateway/main.mjs')], { env });
  const exited = new Promise((resolve) => gateway.once('close', resolve));
  for await (const line of createInterface({ input: gateway.stdout })) {
    if (JSON.parse(line).event === 'listening') break;
  }
  const durationMs = performance.now() - startedAt;
  gateway.stdout.resume();
  gateway.kill('SIGTERM');
  await exited;
  return durationMs;
}

function benchBundles(): void {
  for (const [name, folder, entry] of [
    ['gateway', 'runtime/dist/gateway', 'main.mjs'],
    ['command line', 'bin/dist', 'model-api.mjs'],
  ]) {
    const sizes = readdirSync(join(ROOT, folder)).filter((file) => file.endsWith('.mjs'));
    const bytes = (file: string) => statSync(join(ROOT, folder, file)).size;
    const total = sizes.reduce((sum, file) => sum + bytes(file), 0);
    report(`bundle: ${name}`, `${kilobytes(bytes(entry))}, with what is loaded on demand ${kilobytes(total)}`);
  }
}

function benchSynth(folder: string): void {
  const [ours, theirs]: number[][] = [[], []];
  // In turns, so that a slow minute of the machine is both's; the first of each fills the compiler's cache.
  for (let run = 0; run <= RUNS; run++) {
    const pair = [timeToSynth('model-api', folder), timeToSynth('load-balanced-service', folder)];
    if (run > 0) ours.push(pair[0]);
    if (run > 0) theirs.push(pair[1]);
  }
  report('synth: ModelApi', milliseconds(median(ours)));
  report('synth: ApplicationLoadBalancedFargateService', milliseconds(median(theirs)));
  report('synth: ratio', (median(ours) / median(theirs)).toFixed(2));
}

/** Of a fresh process, as `cdk synth` starts one. */
function timeToSynth(app: string, folder: string): number {
  const env = { ...process.env, CDK_VALIDATION: 'false', CDK_OUTDIR: join(folder, app) };
  const startedAt = performance.now();
  const command = [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), join(__dirname, 'synth', `${app}.ts`)];
  const { status, stderr } = spawnSync(process.execPath, command, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${app} cannot be synthesized:\n${stderr}`);
  return performance.now() - startedAt;
}

async function medianOf(time: () => Promise<number>): Promise<number> {
  const durations: number[] = [];
  for (let run = 0; run < RUNS; run++) durations.push(await time());
  return median(durations);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function milliseconds(duration: number): string {
  return duration < 1000 ? `${duration.toFixed(0)} ms` : `${(duration / 1000).toFixed(2)} s`;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(0)} KiB`;
}

function report(what: string, value: string): void {
  console.log(`${what.padEnd(48)} ${value}`);
}

main().catch((error: Error) => {
  console.error(`✗ ${error.message}`);
  process.exitCode = 1;
});
