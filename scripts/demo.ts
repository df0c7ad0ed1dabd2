/**
 * `npm run demo`: shows the whole way on this machine. Serves the iris model as `model-api dev` does, sends its samples
 * and holds the answers against what they promise, then synthesizes the stack that would deploy it, with cdk-nag on.
 * Progress goes to standard error, what was found to standard output; it leaves nothing behind.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgress } from '../bin/ui/progress';
import { Terminal } from '../bin/ui/terminal';
import { Findings } from '../lib/image/findings';
import { type ModelSample, readSamples } from '../lib/image/samples';
import { DevServer } from './dev-server';

const ROOT = join(__dirname, '..');
const MODEL = 'examples/iris/model';
const STACK = 'iris-example';

/** Model outputs are rounded to six digits; processors may differ in the last. */
const TOLERANCE = 1e-6;

interface Prediction {
  readonly label: string;
  readonly probabilities: { readonly [label: string]: number };
}

interface Answered {
  readonly sample: ModelSample;
  readonly prediction: Prediction;
  readonly durationMs: number;
}

const terminal = new Terminal();

async function main(): Promise<void> {
  const answers = await servedAnswers();
  showAnswers(answers);
  const wrong = answers.filter(({ sample, prediction }) => !isClose(prediction, sample.output));
  if (wrong.length > 0)
    throw new Error(`Not what the samples promise: ${wrong.map(({ sample }) => sample.name).join(', ')}`);
  showResources(synthesizedTypes());
  terminal.say('\nTo serve it here:  npm start');
  terminal.say(`To deploy it:      npx cdk deploy ${STACK}     (once per account and region: npx cdk bootstrap)`);
}

async function servedAnswers(): Promise<Answered[]> {
  const server = new DevServer(join(ROOT, MODEL));
  try {
    const { url, handler } = await server.next('ready');
    terminal.say(`Served ${MODEL}: ${handler.signature.replace(/\(.*\)/, '(...)')}`);
    return await answersTo(readSamples(join(ROOT, MODEL), new Findings()), url);
  } finally {
    await server.stop();
  }
}

async function answersTo(samples: readonly ModelSample[], url: string): Promise<Answered[]> {
  // The first request opens the connection, which is no part of a prediction.
  await predict(url, samples[0]);
  const answers: Answered[] = [];
  for (const sample of samples) {
    const startedAt = performance.now();
    const prediction = await predict(url, sample);
    answers.push({ sample, prediction, durationMs: performance.now() - startedAt });
  }
  return answers;
}

async function predict(url: string, sample: ModelSample): Promise<Prediction> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/predict`, { method: 'POST', headers, body: JSON.stringify(sample.input) });
  if (!response.ok)
    throw new Error(`Sample ${sample.name} was answered with ${response.status}: ${await response.text()}`);
  return (await response.json()) as Prediction;
}

function showAnswers(answers: readonly Answered[]): void {
  const classes = Object.keys(answers[0].prediction.probabilities);
  const line = (cells: string[]) =>
    terminal.say(
      `  ${cells
        .map((cell) => cell.padEnd(12))
        .join(' ')
        .trimEnd()}`,
    );
  line(['sample', 'class', ...classes, 'latency']);
  for (const { sample, prediction, durationMs } of answers) {
    const scores = classes.map((name) => prediction.probabilities[name].toFixed(6));
    line([sample.name, prediction.label, ...scores, `${durationMs.toFixed(1)} ms`]);
  }
}

/** The same structure, and numbers that differ by no more than rounding. */
function isClose(got: unknown, promised: unknown): boolean {
  if (typeof got === 'number' && typeof promised === 'number') return Math.abs(got - promised) <= TOLERANCE;
  if (typeof got !== 'object' || typeof promised !== 'object' || got === null || promised === null)
    return got === promised;
  const [here, there] = [Object.entries(got), new Map(Object.entries(promised))];
  return here.length === there.size && here.every(([key, value]) => isClose(value, there.get(key)));
}

/** How many resources of each type the example defines. */
function synthesizedTypes(): Map<string, number> {
  const output = mkdtempSync(join(tmpdir(), 'model-api-demo-'));
  const progress = startProgress(terminal, 'Synthesizing the stack, with cdk-nag on');
  try {
    synthesize(output);
    return countTypes(join(output, `${STACK}.template.json`));
  } finally {
    progress.done();
    rmSync(output, { recursive: true, force: true });
  }
}

/** As the CDK's command line does it: with the flags of `cdk.json`, and in some region. */
function synthesize(output: string): void {
  const app = [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), 'bin/app.ts'];
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: object };
  const env = {
    CDK_DEFAULT_REGION: 'us-east-1',
    ...process.env,
    CDK_OUTDIR: output,
    CDK_CONTEXT_JSON: JSON.stringify(context),
    JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1',
  };
  const { status, stdout, stderr } = spawnSync(process.execPath, app, { cwd: ROOT, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The stack cannot be synthesized:\n${stderr || stdout}`);
}

function countTypes(file: string): Map<string, number> {
  const { Resources } = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, { Type: string }> };
  const counts = new Map<string, number>();
  for (const { Type } of Object.values(Resources)) counts.set(Type, (counts.get(Type) ?? 0) + 1);
  return counts;
}

function showResources(counts: Map<string, number>): void {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  terminal.say(`\nSynthesized ${STACK}, which cdk-nag finds nothing against: ${total} resources`);
  const cells = [...counts].sort().map(([type, count]) => `${String(count).padStart(3)} ${type.replace('AWS::', '')}`);
  const half = Math.ceil(cells.length / 2);
  for (let row = 0; row < half; row++) terminal.say(`${cells[row].padEnd(48)}${cells[row + half] ?? ''}`.trimEnd());
}

main().catch((error: Error) => {
  terminal.note(`✗ ${error.message}`);
  process.exitCode = 1;
});
