/** Handlers for tests: those of the fixtures, and others written where they are tested. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { Failure, Handler } from '../../../runtime/contract/handler';
import { PYTHON, WORKER } from './python';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'handlers');
const written: string[] = [];

/** Bytecode caches are on, as on a laptop: whether the worker writes them is for tests to see. */
const CACHING = { ...process.env, PYTHONDONTWRITEBYTECODE: '' };

afterAll(() => {
  for (const folder of written) rmSync(folder, { recursive: true, force: true });
});

export const fixture = (name: string) => join(FIXTURES, name);

/** A model directory with this predict.py and these other files; it goes when the test file has run. */
export function handler(predict: string, files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'handler-'));
  written.push(folder);
  for (const [path, text] of Object.entries({ 'predict.py': predict, ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

interface Described {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(folder: string, python: string, ...rest: string[]): Described {
  const command = [WORKER, '--describe', folder, ...rest];
  const { status, stdout, stderr } = spawnSync(python, command, { encoding: 'utf8', env: CACHING });
  return { exitCode: status, stdout, stderr };
}

/** What `--describe` says of a handler that loads. */
export function described(folder: string, { python = PYTHON, entry = 'predict.py' } = {}): Handler {
  const { exitCode, stdout, stderr } = run(folder, python, entry);
  if (exitCode !== 0) throw new Error(`the handler did not load: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

/** What `--describe` says of one that does not. */
export function refused(folder: string, { python = PYTHON, entry = 'predict.py' } = {}): Failure {
  const { exitCode, stdout, stderr } = run(folder, python, entry);
  if (exitCode !== 1) throw new Error(`the handler loaded, or the worker broke: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}
