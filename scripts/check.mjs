// Everything that judges the code without running it: types, format and lint, the jsii rules for the public API, and the
// worker's Python syntax. Each check runs even when an earlier one failed, so that one run names every fault.
// Prints the output of failed checks alone.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '..', '..');

/** A command by the name under which it is reported. */
const CHECKS = {
  'types (tsc)': ['node_modules/.bin/tsc', '-p', '.'],
  'format and lint (biome)': ['node_modules/.bin/biome', 'check', '--error-on-warnings'],
  'construct library and docs/API.md (jsii)': ['node', 'scripts/docs.mjs', '--check'],
  'worker syntax (python)': ['python3', '-c', parseWorker()],
};

/** Parses without writing `__pycache__`, with the oldest grammar that the worker promises to run under. */
function parseWorker() {
  return [
    'import ast, pathlib',
    "for file in pathlib.Path('runtime/worker').rglob('*.py'):",
    '    ast.parse(file.read_text(), str(file), feature_version=(3, 10))',
  ].join('\n');
}

function passes(name, [command, ...args]) {
  const start = Date.now();
  const env = { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1' };
  const run = spawnSync(command, args, { cwd: root, encoding: 'utf8', env, maxBuffer: 64 * 1024 * 1024 });
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  console.log(`${run.status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (run.status !== 0) console.log(run.error?.message ?? `${run.stdout}${run.stderr}`);
  return run.status === 0;
}

/** Runs every check; returns how many passed and failed. */
export function check() {
  const results = Object.entries(CHECKS).map(([name, command]) => passes(name, command));
  const passed = results.filter(Boolean).length;
  return { passed, failed: results.length - passed };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = check().failed === 0 ? 0 : 1;
