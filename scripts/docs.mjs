// docs/API.md, from the docstrings of lib/: written anew, or with `--check` compared with what is committed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '..', '..');
const committed = join(root, 'docs', 'API.md');

function run(command, ...args) {
  const env = { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1' };
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin', command), args, { cwd: root, env });
  if (status === 0) return;
  process.stderr.write(`${stdout}${stderr}`);
  process.exit(1);
}

run('jsii', '--silence-warnings=reserved-word');
if (process.argv[2] !== '--check') run('jsii-docgen', '--output', committed);
else {
  const folder = mkdtempSync(join(tmpdir(), 'model-api-docs-'));
  run('jsii-docgen', '--output', join(folder, 'API.md'));
  const isCurrent = readFileSync(join(folder, 'API.md'), 'utf8') === readFileSync(committed, 'utf8');
  rmSync(folder, { recursive: true });
  if (!isCurrent) console.error('docs/API.md is not what the docstrings say: run `npm run docs` and commit it');
  process.exitCode = isCurrent ? 0 : 1;
}
