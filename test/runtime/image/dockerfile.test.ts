/** The Dockerfile says the same as the contract, which gateway and declarations read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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
  ['CMD', [`["/usr/local/bin/node", "${IMAGE_PATHS.gateway}"]`]],
])('%s is as the contract says', (name, expected) => {
  expect(instructions(name)).toEqual(expected);
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
