/** What the documents show is what the code does: the README's declaration synthesizes, tables are complete. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, onTestFinished, test } from 'vitest';
import { METRICS, UNEMITTED_METRICS } from '../runtime/contract/metrics';
import { FAILURES } from '../runtime/gateway/errors';

const ROOT = join(import.meta.dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The code blocks of a language, in order. */
function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, code]) => code as string,
  );
}

/** Beside the sources, so that `aws-cdk-lib` and `cdk-model-api` are found as an app finds them. */
async function moduleOf(code: string): Promise<Record<string, unknown>> {
  const folder = join(ROOT, 'node_modules', '.cache', `readme-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'stack.ts'), code);
  return import(join(folder, 'stack.ts'));
}

test('the declaration for DevOps synthesizes as it stands', async () => {
  const code = blocks('ts').find((block) => block.includes('class ChurnStack')) as string;
  const model = join(ROOT, 'examples/iris/model');
  const { ChurnStack } = await moduleOf(code.replace('models/churn', model));
  const env = { account: '111111111111', region: 'eu-central-1' };
  const stack = new (ChurnStack as new (...args: unknown[]) => Stack)(new App(), 'Churn', { env });
  Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Protocol: 'HTTPS' });
});

test('the table of errors has every code that a caller can see, with its status', () => {
  const rows = README.split('\n').filter((line) => /^\| \d{3}/.test(line));
  for (const [code, { status, retryable }] of Object.entries(FAILURES)) {
    // The caller has gone: only the log sees it.
    if (code === 'disconnected') continue;
    const row = rows.find((line) => line.includes(`\`${code}\``));
    expect(row, code).toContain(String(status));
    expect(row, code).toContain(retryable ? 'yes' : '| no |');
  }
});

const RUNTIME_PAGES = readdirSync(join(ROOT, 'docs/runtime')).map((name) => `docs/runtime/${name}`);

test.each([
  'README.md',
  'CONTRIBUTING.md',
  'docs/architecture.md',
  'docs/gpu.md',
  'docs/observability.md',
  'docs/runbook.md',
  'docs/testing.md',
  'docs/warnings.md',
  ...RUNTIME_PAGES,
])('the links of %s lead somewhere', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link as string);
  expect(links.filter((link) => !existsSync(join(ROOT, page, '..', link)))).toEqual([]);
});

/** What it is made of, without the folders that are built. */
function sourcesIn(folder: string, ending: RegExp): string {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter((file) =>
    ending.test(file),
  );
  return files.map((file) => readFileSync(join(ROOT, folder, file), 'utf8')).join('\n');
}

test.each(RUNTIME_PAGES)('the constants that %s names exist', (page) => {
  const sources = ['contract', 'gateway', 'worker']
    .map((part) => sourcesIn(`runtime/${part}`, /\.(ts|py)$/))
    .join('\n');
  const named = readFileSync(join(ROOT, page), 'utf8').matchAll(/`(_?[A-Z]+(?:_[A-Z]+)+)`/g);
  expect([...named].map(([, name]) => name as string).filter((name) => !sources.includes(name))).toEqual([]);
});

test('the commands it names exist', () => {
  const scripts = Object.keys(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts);
  const named = [...README.matchAll(/npm (?:run )?(demo|test|start|dev|check|bench|docs)\b/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(2);
  expect(scripts).toEqual(expect.arrayContaining(named));
});

test('the table of metrics has every row of the contract', () => {
  const table = readFileSync(join(ROOT, 'docs/observability.md'), 'utf8');
  for (const { emf, prometheus } of Object.values(METRICS)) {
    expect(table).toContain(`\`${emf}\``);
    expect(table).toContain(`\`${prometheus}`);
  }
  for (const { prometheus } of Object.values(UNEMITTED_METRICS)) expect(table).toContain(`\`${prometheus}`);
});

test('the table of events has every event that the gateway writes', () => {
  const table = readFileSync(join(ROOT, 'docs/observability.md'), 'utf8');
  const folder = join(ROOT, 'runtime/gateway');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const sources = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  const events = [...sources.matchAll(/(?:event\(\s*'\w+',|reportLoadError\()\s*'(\w+)'/g)].map(([, event]) => event);
  expect(events).toContain('reload_failed');
  for (const event of events) expect(table).toContain(`\`${event}\``);
});
