/** The Dockerfile says the same as the contract, which gateway and declarations read. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEFAULT_PYTHON_VERSION } from '../../../lib/image/python-version';
import { IMAGE_PATHS, IMAGE_USER, SERVING_DEFAULTS } from '../../../runtime/contract/manifest';

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

  test('is the gateway for serve, which is the default, and the arguments reach it', () => {
    expect(run(...JSON.parse(instructions('CMD')[0] as string))).toBe(`node ${IMAGE_PATHS.gateway} serve`);
    expect(run('serve', 'two words')).toBe(`node ${IMAGE_PATHS.gateway} serve two words`);
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

test('only instructions of the classic builder are used', () => {
  expect(dockerfile).not.toMatch(/--(mount|chmod|link)\b|<<[A-Z-]/);
});
