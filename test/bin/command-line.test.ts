import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { modelApi } from './command';

test('help begins with examples and names every verb', async () => {
  const { code, stdout } = await modelApi(['--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Examples:\n {2}\$ npx cdk-model-api dev/);
  expect(stdout.match(/^ {2}(dev|predict|cost|help) /gm)).toHaveLength(4);
});

test('help never names the command without its package', async () => {
  for (const args of [['--help'], ['dev', '--help'], ['predict', '--help'], ['cost', '--help']]) {
    const { stdout } = await modelApi(args);
    expect(stdout).not.toMatch(/(?<!cdk-)model-api/);
  }
});

test('no arguments at all show the help', async () => {
  expect(await modelApi([])).toEqual(await modelApi(['--help']));
});

test('the version is the one of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(await modelApi(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('an unknown verb is answered with the nearest one', async () => {
  const { code, stderr, stdout } = await modelApi(['perdict']);
  expect(stderr).toBe("✗ Unknown command 'perdict'.\n  Did you mean predict? See --help.\n");
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

test('deploy points to the verb that deploys', async () => {
  const { code, stderr } = await modelApi(['deploy']);
  expect(stderr).toContain('Deploying is the work of "npx cdk deploy".');
  expect(code).toBe(2);
});

test('an unknown option is answered with the nearest one', async () => {
  const { code, stderr } = await modelApi(['dev', '--prot', '9000']);
  expect(stderr).toBe("✗ Unknown option '--prot'.\n  Did you mean --port? See --help.\n");
  expect(code).toBe(2);
});

test('an option of the wrong kind is told with what it may be', async () => {
  const { code, stderr } = await modelApi(['dev', '--port', '70000']);
  expect(stderr).toContain("'70000' is invalid. Expected a number from 0 to 65535.");
  expect(code).toBe(2);
});

test('with --json a mistake in the arguments is one JSON object on standard output', async () => {
  const { code, stdout, stderr } = await modelApi(['dev', '--json', '--workers', '0']);
  expect(JSON.parse(stdout).error).toMatchObject({ code: 'usage', message: expect.stringContaining("'0' is invalid") });
  expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
});
