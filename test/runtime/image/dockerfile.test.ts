/** The Dockerfile says the same as the contract, which gateway and declarations read. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ourDockerfile } from '../../../lib/image/dockerfile';
import { DEFAULT_PYTHON_VERSION } from '../../../lib/image/python-version';
import { IMAGE_PATHS, IMAGE_USER, NODE_FLAGS, SERVING_DEFAULTS } from '../../../runtime/contract/manifest';

const dockerfile = readFileSync(join(__dirname, '../../../runtime/image/Dockerfile'), 'utf8');

/** What follows an instruction, each time it stands in the file. */
function instructions(name: string): string[] {
  return [...dockerfile.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map(([, rest]) => rest);
}

test.each([
  ['USER', [IMAGE_USER]],
  ['EXPOSE', [String(SERVING_DEFAULTS.port)]],
  ['VOLUME', [JSON.stringify(IMAGE_PATHS.scratch).replace(',', ', ')]],
  ['CMD', ['["serve"]']],
])('%s is as the contract says', (name, expected) => {
  expect(instructions(name)).toEqual(expected);
});

describe('what the image runs', () => {
  /** What would be executed, with these programs in place of those of the image. */
  function run(...command: string[]): string {
    const [tini, end, ...entry] = JSON.parse(instructions('ENTRYPOINT')[0] as string);
    expect([tini, end]).toEqual(['/usr/bin/tini', '--']);
    const [shell, ...rest] = entry.map((part: string) => part.replace('/usr/local/bin/node', 'echo node'));
    return execFileSync(shell, [...rest, ...command], { encoding: 'utf8' }).trim();
  }

  const gateway = [...NODE_FLAGS, IMAGE_PATHS.gateway].join(' ');

  test('is the gateway for serve, which is the default, and the arguments reach it', () => {
    expect(run(...JSON.parse(instructions('CMD')[0] as string))).toBe(`node ${gateway} serve`);
    expect(run('serve', 'two words')).toBe(`node ${gateway} serve two words`);
  });

  test('is any other command as it stands', () => {
    expect(run('printf', '%s|', 'two words', '$HOME', '')).toBe('two words|$HOME||');
  });
});

test('the default Python is the one that declarations fall back to', () => {
  expect(instructions('ARG')).toContain(`PYTHON_VERSION=${DEFAULT_PYTHON_VERSION}`);
});

test('the volumes are given to the user before they are declared', () => {
  const owned = dockerfile.indexOf(`chown ${IMAGE_USER} ${IMAGE_PATHS.scratch.join(' ')}`);
  expect(owned).toBeGreaterThan(0);
  expect(owned).toBeLessThan(dockerfile.indexOf('\nVOLUME '));
});

describe.each([
  ['on a Python image', ourDockerfile(false)],
  ['on an image with CUDA', ourDockerfile(true)],
])('the Dockerfile %s', (_, text) => {
  test('uses only instructions of the classic builder', () => {
    expect(text).not.toMatch(/--(mount|chmod|link)\b|<<[A-Z-]/);
  });

  test('names each stage once, before another builds on it', () => {
    const known: string[] = [];
    for (const [, from = '', name = ''] of text.matchAll(/^FROM (\S+) AS (\S+)$/gm)) {
      if (!from.startsWith('$')) expect(known).toContain(from);
      expect(known).not.toContain(name);
      known.push(name);
    }
    expect(known).toEqual(
      expect.arrayContaining(['node', 'interpreter', 'base', 'dependencies', 'files', 'model-api']),
    );
  });

  test('runs what a shell can read', () => {
    const commands = [...text.matchAll(/^RUN ((?:.*\\\n)*.*)$/gm)].map(([, command = '']) => command);
    expect(commands.length).toBeGreaterThan(4);
    for (const command of commands) execFileSync('sh', ['-n', '-c', command.replaceAll('\\\n', '')]);
  });
});

test("an image with CUDA tells NVIDIA's runtime what it needs, and is the same as any other from its Python on", () => {
  expect(ourDockerfile(true)).toMatch(/NVIDIA_VISIBLE_DEVICES=all \\\n\s+NVIDIA_DRIVER_CAPABILITIES=compute,utility\n/);
  const fromPython = (text: string) => text.slice(text.indexOf('FROM interpreter AS base'));
  expect(fromPython(ourDockerfile(true))).toBe(fromPython(ourDockerfile(false)));
});
