import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { Home } from '../bin/command';

test('the demo serves, predicts what the samples promise, synthesizes, and fits on one screen', {
  timeout: 120_000,
}, () => {
  const home = new Home();
  const env = { ...process.env, ...home.env };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'scripts/demo.ts'], {
    env,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/^ {2}versicolor +versicolor +0\.\d{6} +0\.\d{6} +0\.\d{6} +\d+\.\d ms$/m);
  expect(stdout).toMatch(/^ {2}1 EC2::VPC|^.* 1 ECS::Service$/m);
  // They are there only with a region, which whoever deploys has.
  expect(stdout).toMatch(/^.* 1 S3::BucketPolicy/m);
  expect(stdout).toContain('npx cdk deploy iris-example');
  expect(stdout.split('\n').length).toBeLessThanOrEqual(32);
  expect({
    files: home.leftovers().filter((name) => name.startsWith('model-api')),
    processes: home.processes(),
  }).toEqual({
    files: [],
    processes: [],
  });
});
