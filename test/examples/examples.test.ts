/**
 * Each example is short, explained, and synthesizes as its reader would do it: by the CDK's command line, on a machine
 * that knows nothing of AWS. cdk-nag and the template validator find nothing in any of them.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type App, type Environment, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Construct } from 'constructs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { findingsOf, testApp } from '../lib/assembly';
import { ENV } from '../lib/declaration';

type ExampleClass = new (scope: Construct, id: string, props?: { env?: Environment }) => Construct;

const ROOT = join(__dirname, '../..');
const EXAMPLES = readdirSync(join(ROOT, 'examples'));
const STACKS = EXAMPLES.filter((name) => existsSync(join(ROOT, 'examples', name, 'stack.ts')));

const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8');

test('the examples are these', () => {
  expect(EXAMPLES.sort()).toEqual([
    'batch',
    'blue-green',
    'canary',
    'ec2-binpack',
    'existing-vpc-and-alb',
    'gpu',
    'iris',
    'iris-python',
    'jwt',
    'managed-gpu',
    'public-with-api-keys',
    'shared-platform',
    'split-stacks',
    'stream',
  ]);
});

describe.each(EXAMPLES)('%s', (name) => {
  test('has a README of one paragraph', () => {
    const [title, paragraph = '', ...rest] = read('examples', name, 'README.md').trim().split('\n\n');
    expect([title, rest]).toEqual([`# ${name}`, []]);
    expect(paragraph).toMatch(/^[^\n]{200,}$/);
  });

  test('is declared in at most 15 lines', () => {
    const declaration = declarationIn(read('examples', name, name.endsWith('python') ? 'app.py' : 'stack.ts'));
    expect(declaration.length, declaration.join('\n')).toBeLessThanOrEqual(15);
  });
});

/** From the first construct of ours to the end of the last. */
function declarationIn(source: string): string[] {
  const lines = source.split('\n');
  const isOurs = (line: string) => /\bModel(Api|Platform)\(/.test(line);
  const first = lines.findIndex(isOurs);
  const last = lines.length - 1 - [...lines].reverse().findIndex(isOurs);
  expect(first).toBeGreaterThan(0);
  let open = 0;
  const length = lines.slice(last).findIndex((line) => {
    open += line.split(/[([{]/).length - line.split(/[)\]}]/).length;
    return open === 0;
  });
  return lines.slice(first, last + length + 1);
}

describe('cdk-nag and the template validator find nothing', () => {
  test.each([
    ['where account and region are known', ENV],
    ['where they are not', {}],
  ])('%s', { timeout: 120_000 }, async (_, env) => {
    const app = checkedApp();
    for (const name of STACKS) {
      const { default: Example } = (await import(`../../examples/${name}/stack.ts`)) as { default: ExampleClass };
      new Example(app, `${name}-example`, { env });
    }
    expect(findingsOf(app)).toEqual([]);
    const annotations = app.node.findAll().flatMap(({ node }) => node.metadata);
    expect(annotations.filter(({ type }) => type === 'aws:cdk:error')).toEqual([]);
  });
});

function checkedApp(): App {
  vi.stubEnv('CDK_VALIDATION', 'true');
  onTestFinished(() => void vi.unstubAllEnvs());
  const app = testApp();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

describe('cdk synth, with the flags of a new project and without AWS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'examples-'));
  let printed: string;

  beforeAll(async () => {
    const cli = ['node_modules/aws-cdk/bin/cdk', 'synth', '**', '--quiet', '--ci', '--no-notices', '--output', folder];
    // Neither credentials nor a region, nor a home in which the command line could find any.
    const env = { PATH: process.env.PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true' };
    const { stdout } = await promisify(execFile)(process.execPath, cli, { cwd: ROOT, env });
    printed = stdout;
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  test('succeeds', () => {
    expect(printed).toContain('Successfully synthesized');
  });

  test('makes the templates of every example', () => {
    const names = readdirSync(folder).flatMap(
      (name) => /^(?:assembly-)?(.+)-example(?:\.template\.json)?$/.exec(name)?.[1] ?? [],
    );
    expect(names.sort()).toEqual(STACKS.sort());
  });

  test('warns of nothing but what synth cannot see', () => {
    const { pluginReports } = JSON.parse(readFileSync(join(folder, 'validation-report.json'), 'utf8'));
    const violations = pluginReports.flatMap((report: { violations: { ruleName: string }[] }) => report.violations);
    expect(violations.map(({ ruleName }: { ruleName: string }) => ruleName).sort()).toEqual([
      'Annotation::cdk-model-api:givenClusterCapacityProviders',
      'Annotation::cdk-model-api:givenLoadBalancerExposure',
      'Annotation::cdk-model-api:givenLoadBalancerIdleTimeout',
      'ModelServing-DeadlineAboveIdleTimeout',
      'ModelServing-PublicWithoutAuth',
    ]);
  });
});

test('the Python app has the feature flags of this repository', () => {
  const { context } = JSON.parse(read('examples/iris-python/cdk.json'));
  expect(context).toEqual(JSON.parse(read('cdk.json')).context);
});
