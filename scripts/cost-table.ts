/**
 * `npm run docs:cost`: what the examples cost, as the command says it, in a table of docs/cost.md. A test holds the page
 * against this.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Environment } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

type ExampleClass = new (scope: Construct, id: string, props?: { readonly env?: Environment }) => Construct;

const ROOT = join(__dirname, '..');
const PAGE = join(ROOT, 'docs/cost.md');
const ENV = { account: '123456789012', region: 'us-east-1' };

/** What stands between these lines of the page is written by this script. */
const BEGIN = '<!-- npm run docs:cost -->';
const END = '<!-- end -->';

interface Estimated {
  readonly name: string;
  readonly compute: string;
  readonly month: { readonly total: Columns };
  readonly perMillion: { readonly target: number } | null;
  readonly sagemaker: { readonly instance: string; readonly month: Columns } | null;
}

type Columns = { readonly idle: number; readonly target: number; readonly max: number };

/** The page with a current table. */
export async function currentPage(): Promise<string> {
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest = ''] = page.split(BEGIN);
  const [, after] = rest.split(END);
  return `${before}${BEGIN}\n${table(await estimates())}\n${END}${after}`;
}

async function estimates(): Promise<readonly Estimated[]> {
  const outdir = mkdtempSync(join(tmpdir(), 'cost-table-'));
  try {
    const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
    const app = new App({ outdir, context, analyticsReporting: false });
    for (const name of readdirSync(join(ROOT, 'examples')).sort()) {
      const file = join(ROOT, 'examples', name, 'stack.ts');
      if (!existsSync(file)) continue;
      const { default: Example } = (await import(file)) as { default: ExampleClass };
      new Example(app, name, { env: ENV });
    }
    app.synth();
    const command = [join(ROOT, 'bin/dist/model-api.mjs'), 'cost', outdir, '--json'];
    return JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' })).apis;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function table(apis: readonly Estimated[]): string {
  const head = [
    'API',
    'a replica runs on',
    'idle',
    'target',
    'max',
    'a million predictions',
    'SageMaker, same replicas',
  ];
  const rows = apis.map(({ name, compute, month: { total }, perMillion, sagemaker }) => [
    `\`${name}\``,
    compute,
    ...[total.idle, total.target, total.max].map(dollars),
    perMillion ? perMillion.target.toFixed(2) : '',
    sagemaker ? `${dollars(sagemaker.month.target)} to ${dollars(sagemaker.month.max)}, ${sagemaker.instance}` : '',
  ]);
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function dollars(value: number): string {
  return String(Math.round(value));
}

if (process.argv[1]?.endsWith('cost-table.ts')) {
  void currentPage().then((page) => writeFileSync(PAGE, page));
}
