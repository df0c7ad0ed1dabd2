/** What users install: the packed package, in a TypeScript app and, through jsii, in a Python app, with nothing else. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command } from './command';
import { installPythonApps, synthesizePythonApps } from './python-app';
import { installTypeScriptApp, pack, synthesizeTypeScriptApp } from './typescript-app';

/** On a machine that makes the wheel of aws-cdk-lib for the first time. */
const PYTHON_TIMEOUT_MS = 600_000;
const INSTALL_TIMEOUT_MS = 180_000;

describe('the packed package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'model-api-package-'));
  const app = join(folder, 'app');
  let tarball: string;
  let declared: string;

  beforeAll(async () => {
    mkdirSync(app);
    tarball = await pack(folder);
    await installTypeScriptApp(app, tarball);
    declared = await synthesizeTypeScriptApp(app);
  }, INSTALL_TIMEOUT_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('has what it needs and nothing of how it was made', async () => {
    const files = (await command(folder, 'tar', ['-tzf', tarball])).trim().split('\n');
    const names = files.map((file) => file.replace(/^package\//, ''));
    expect(names).toEqual(expect.arrayContaining(NEEDED));
    expect(names.filter((name) => SHIPPED.every((pattern) => !pattern.test(name)))).toEqual([]);
    expect(names.filter((name) => UNWANTED.test(name))).toEqual([]);
  });

  test('brings no package but the peers it is installed with', () => {
    const lock = JSON.parse(readFileSync(join(app, 'package-lock.json'), 'utf8'));
    const { dependencies, bundleDependencies } = lock.packages['node_modules/cdk-model-api'];
    expect({ dependencies, bundleDependencies }).toEqual({});
  });

  test(
    'synthesizes in Python what it synthesizes in TypeScript, byte for byte',
    async () => {
      await installPythonApps(app);
      const { twin, example } = await synthesizePythonApps(app);
      const template = (assembly: string, stack: string) =>
        readFileSync(join(assembly, `${stack}.template.json`), 'utf8');
      expect(template(twin, 'Served')).toBe(template(declared, 'Served'));
      expect(template(example, 'iris-example')).toBe(template(declared, 'iris-example'));
    },
    PYTHON_TIMEOUT_MS,
  );

  test('serves a model directory by npx model-api dev', async () => {
    // In a group of its own: npx runs the command in a child, and both must end.
    const dev = spawn('npx', ['model-api', 'dev', 'model', '--port', '0'], { cwd: app, detached: true });
    try {
      const answer = await fetch(await predictUrl(dev), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ features: [1, 2.5] }),
      });
      expect(await answer.json()).toBe(3.5);
    } finally {
      await interrupt(dev);
    }
  }, 60_000);
});

const NEEDED = [
  '.jsii',
  'LICENSE',
  'NOTICE',
  'README.md',
  'bin/dist/model-api.mjs',
  'docs/cost.md',
  'lib/index.d.ts',
  'lib/index.js',
  'runtime/contract/manifest.js',
  'runtime/dist/gateway/main.mjs',
  'runtime/dist/probe/index.mjs',
  'runtime/image/Dockerfile',
  'runtime/image/Dockerfile.cuda',
  'runtime/worker/__main__.py',
];

/** Every other file is a stray one, and would change the hash of every user's image or the size of every install. */
const SHIPPED = [
  /^(\.jsii|LICENSE|NOTICE|README\.md|CHANGELOG\.md|package\.json)$/,
  /^lib\/.+\.(js|d\.ts)$/,
  /^runtime\/contract\/[a-z-]+\.(js|d\.ts)$/,
  /^(bin|runtime)\/dist\/.+\.(mjs|txt)$/,
  /^runtime\/worker\/.+\.py$/,
  /^runtime\/image\//,
  /^docs\/.+\.(md|svg)$/,
  /^bench\/autoscaling\/traces\/.+\.(json|csv)$/,
];

const UNWANTED = /(?<!\.d)\.ts$|tsbuildinfo|__pycache__|\.pyc$|(^|\/)(test|examples|node_modules)\//;

/** The first URL that ends in /predict: the server says it when it answers there. */
async function predictUrl({ stdout, stderr }: ChildProcess): Promise<string> {
  const printed: string[] = [];
  if (stdout === null || stderr === null) throw new Error('the command was started without pipes');
  stderr.on('data', (text) => printed.push(String(text)));
  for await (const line of createInterface(stdout)) {
    const [url] = /http:\/\/\S+\/predict/.exec(line) ?? [];
    if (url !== undefined) return url;
    printed.push(line);
  }
  throw new Error(`model-api dev printed no URL:\n${printed.join('\n')}`);
}

async function interrupt(group: ChildProcess): Promise<void> {
  if (group.pid === undefined || group.exitCode !== null) return;
  const exited = once(group, 'exit');
  process.kill(-group.pid, 'SIGINT');
  await exited;
}
