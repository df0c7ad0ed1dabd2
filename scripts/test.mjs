// `npm test`, which is also what CI runs: the checks, then every suite. Ends with the one line `N passed, N failed`
// (`, N skipped`), in which a failed check counts as a failure, and names each suite that was skipped with the way to
// enable it. Arguments go to vitest: `npm test -- test/runtime`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check } from './check.mjs';

const root = join(fileURLToPath(import.meta.url), '..', '..');

/** Runs vitest for the eye and for the count; a run that dies before it reports is one failure. */
function runSuites(args) {
  const scratch = mkdtempSync(join(tmpdir(), 'model-api-test-'));
  const report = join(scratch, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${report}`];
  const { status } = spawnSync('node_modules/.bin/vitest', ['run', ...reporters, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  try {
    return count(JSON.parse(readFileSync(report, 'utf8')), status);
  } catch {
    return { passed: 0, failed: 1, skipped: 0, reasons: [] };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A file that failed to load has no tests, and an unhandled error belongs to none: each still counts as a failure. */
function count(report, status) {
  const unloaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const failed = report.numFailedTests + unloaded.length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && status !== 0 ? 1 : failed,
    skipped: report.numPendingTests,
    reasons: reasonsOf(report.testResults),
  };
}

/** The titles that `test/setup/needs.ts` gives to suites it skips; each says what is missing and how to get it. */
function reasonsOf(files) {
  const skipped = files.flatMap((file) => file.assertionResults).filter((test) => test.status === 'skipped');
  return [...new Set(skipped.map((test) => test.ancestorTitles[0] ?? test.title))];
}

const checks = check();
const suites = runSuites(process.argv.slice(2));
const passed = checks.passed + suites.passed;
const failed = checks.failed + suites.failed;
if (suites.reasons.length > 0) console.log(`\nSkipped:\n${suites.reasons.map((reason) => `  ${reason}`).join('\n')}\n`);
console.log(`${passed} passed, ${failed} failed${suites.skipped > 0 ? `, ${suites.skipped} skipped` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;
