import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { testApp } from '../../lib/assembly';
import { apiIn, stackIn } from '../../lib/declaration';
import { temporaryFolder } from '../command';
import { cost, priceFile, ROUND_PRICES } from '../cost/estimate';

test('the table has a line for everything, says what it assumes, and fits into 80 columns', async () => {
  const app = testApp();
  apiIn(stackIn(app));
  app.synth();
  const { code, stdout, stderr } = await cost([app.outdir, '--prices', priceFile(ROUND_PRICES)]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Stack\/Api, eu-west-1$/m);
  expect(stdout).toMatch(/^replicas +1 +1 +10$/m);
  expect(stdout).toMatch(/^predictions a second +– +7\.5 +75$/m);
  expect(stdout).toMatch(/^ {2}Fargate x86-64 +876\.00 +876\.00 +8760\.00$/m);
  expect(stdout).toMatch(/^SageMaker ml\.c6i\.large \(nearest, 2 vCPU\) +14\.60 +14\.60 +146\.00$/m);
  expect(stdout).toContain('- a prediction takes 100 ms, which nobody measured: give yours by --predict-ms');
  expect(stdout.replaceAll('\n', ' ')).toMatch(
    /An estimate, by the table of November 2026, overridden by \S+prices\.json \(today: a test\)\. The table: public /,
  );
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

describe('an error', () => {
  async function refused(args: string[], code = 2): Promise<string> {
    const ended = await cost(args);
    expect({ code: ended.code, stdout: ended.stdout }, ended.stderr).toEqual({ code, stdout: '' });
    return ended.stderr;
  }

  function assembly(prepare: (stack: Stack) => void): string {
    const app = testApp();
    prepare(stackIn(app));
    return app.synth().directory;
  }

  test('no assembly: how to get one', async () => {
    const folder = temporaryFolder();
    expect(await refused([join(folder, 'cdk.out')])).toBe(
      `✗ There is no cloud assembly ${folder}/cdk.out.\n  Synthesize it first: npx cdk synth. Or give the directory: npx cdk-model-api cost OUTPUT_DIRECTORY\n`,
    );
  });

  test('a directory that is none', async () => {
    const folder = temporaryFolder();
    expect(await refused([folder])).toContain(`✗ ${folder} is no cloud assembly: it holds no manifest.json.`);
  });

  test('an assembly that is broken: which file', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'manifest.json'), '{');
    expect(await refused([folder])).toContain(`✗ ${folder}/manifest.json cannot be read: `);
  });

  test('no ModelApi: what there is', async () => {
    const folder = assembly(() => {});
    expect(await refused([folder], 1)).toContain(`✗ No stack of ${folder} holds a ModelApi: it has Stack.`);
  });

  test('a stack without one: which have one', async () => {
    const folder = assembly((stack) => apiIn(stack));
    expect(await refused([folder, '--stack', 'Other'])).toBe(
      `✗ Stack Other is not in ${folder}.\n  These stacks hold one: Stack\n`,
    );
  });

  test('a region without prices: what to add', async () => {
    const app = testApp();
    apiIn(stackIn(app, 'Anywhere', {}));
    const folder = app.synth().directory;
    const stderr = await refused([folder, '--region', 'mars-north-1']);
    expect(stderr).toContain('✗ The price table has no region mars-north-1: it has us-east-1, us-west-2, ');
    expect(stderr).toContain('Add regions.mars-north-1 to a file for --prices');
  });

  test('a region that lacks prices: all that are needed, in the form of the file', async () => {
    const app = testApp();
    apiIn(stackIn(app, 'Anywhere', {}));
    const folder = app.synth().directory;
    const prices = priceFile({ regions: { 'mars-north-1': { fargate: { x86: { vcpu: 1 } }, logsGb: 1 } } });
    const stderr = await refused([folder, '--region', 'mars-north-1', '--prices', prices]);
    expect(stderr).toContain('✗ The price table has no ');
    const example = JSON.parse(stderr.slice(stderr.indexOf('{'))).regions['mars-north-1'];
    expect(example).toEqual({
      fargate: { x86: { gb: 0.1 } },
      loadBalancer: { hour: 0.1, capacityUnit: 0.1 },
      natGateway: 0.1,
    });
  });

  test.each([
    [
      { regions: { 'eu-west-1': { ec3: {} } } },
      'regions.eu-west-1.ec3 is no price of this table: regions.eu-west-1 has fargate, ec2,',
    ],
    [
      { regions: { 'eu-west-1': { ec2: { 'm5.large': '0.1' } } } },
      'regions.eu-west-1.ec2.m5.large has to be a number, 0 or above (got "0.1")',
    ],
    [{ everywhere: { ec2SpotDiscount: 60 } }, 'everywhere.ec2SpotDiscount has to be a share from 0 to 1 (got 60)'],
    [
      { everywhere: { ec2: { 'g5.xlrge': 1 } } },
      'everywhere.ec2.g5.xlrge is not an instance type or family, such as g5.xlarge or m7i',
    ],
    [
      { everywhere: { sagemaker: { 'g5.xlarge': 1 } } },
      'everywhere.sagemaker.g5.xlarge is not a type of an endpoint, such as ml.g5.xlarge',
    ],
    [{ regions: [] }, 'regions has to be an object (got [])'],
  ])('--prices with a mistake: its path, %j', async (prices, message) => {
    expect(await refused(['cdk.out', '--prices', priceFile(prices)])).toContain(`✗ --prices: ${message}`);
  });

  test('--prices that is not JSON, or not there', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'prices.json'), '{"a": }');
    expect(await refused(['cdk.out', '--prices', join(folder, 'prices.json')])).toContain('✗ --prices is not JSON: ');
    expect(await refused(['cdk.out', '--prices', join(folder, 'gone.json')])).toContain('✗ --prices: There is no file');
  });

  test('with --json it is one JSON object on standard output', async () => {
    const { code, stdout, stderr } = await cost([temporaryFolder(), '--json']);
    expect(JSON.parse(stdout).error.code).toBe('no_assembly');
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
  });
});
