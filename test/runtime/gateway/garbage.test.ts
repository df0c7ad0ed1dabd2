/** V8 is told how much garbage may lie by a flag of its own, which no manual promises: a test fails when it goes. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { IMAGE_PATHS, NODE_FLAGS } from '../../../runtime/contract/manifest';
import { GARBAGE_FLAG } from '../../../runtime/gateway/garbage';

test('this Node knows the flag that bounds garbage', () => {
  const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8', maxBuffer: 10 ** 7 });
  expect(known).toContain(`${GARBAGE_FLAG} `);
});

test('a container starts the gateway with the flags that everybody does', () => {
  const dockerfile = readFileSync(join(import.meta.dirname, '../../../runtime/image/Dockerfile'), 'utf8');
  expect(dockerfile).toContain(`/usr/local/bin/node ${NODE_FLAGS.join(' ')} ${IMAGE_PATHS.gateway}`);
});
