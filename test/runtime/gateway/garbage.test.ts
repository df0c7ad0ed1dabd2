/** V8 is told how much garbage may lie by a flag of its own, which no manual promises: a test fails when it goes. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { GARBAGE_FLAG } from '../../../runtime/gateway/garbage';

test('this Node knows the flag that bounds garbage', () => {
  const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8', maxBuffer: 10 ** 7 });
  expect(known).toContain(`${GARBAGE_FLAG} `);
});
