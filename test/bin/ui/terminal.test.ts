import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { Home, modelApi, modelDirectory } from '../command';

const ESCAPE = '\u001b[';
const HIDDEN_CURSOR = `${ESCAPE}?25l`;
const model = () => modelDirectory({ 'predict.py': 'def predict() -> int:\n    return 1\n' });

/** Runs the command on a terminal of its own; the standard library of Python can make one. */
function onTerminal(args: string[], env: NodeJS.ProcessEnv): string {
  const script = 'import pty, sys; pty.spawn(sys.argv[1:])';
  const command = [process.execPath, 'bin/dist/model-api.mjs', ...args];
  return execFileSync('python3', ['-c', script, ...command], { env: { ...process.env, ...env }, encoding: 'utf8' });
}

const colourful = { NO_COLOR: undefined, CI: undefined, TERM: 'xterm-256color' };

test('a terminal gets a spinner, which restores the cursor', () => {
  const shown = onTerminal(['predict', model(), '--json', '{}'], { ...new Home().env, ...colourful });
  expect(shown).toContain(`${HIDDEN_CURSOR}`);
  expect(shown.lastIndexOf(`${ESCAPE}?25h`)).toBeGreaterThan(shown.lastIndexOf(HIDDEN_CURSOR));
});

test.each([{ CI: 'true' }, { TERM: 'dumb' }])('a terminal with %j gets plain lines', (plain) => {
  const shown = onTerminal(['predict', model(), '--json', '{}'], { ...new Home().env, ...colourful, ...plain });
  expect(shown).toContain('Loading predict.py…');
  expect(shown).not.toContain(HIDDEN_CURSOR);
});

test('a pipe gets neither colours nor a spinner, unless colours are asked for', async () => {
  const plain = await modelApi(['predict'], { env: { NO_COLOR: undefined } });
  expect(plain.stderr).not.toContain(ESCAPE);
  const coloured = await modelApi(['predict'], { env: { NO_COLOR: undefined, FORCE_COLOR: '1' } });
  expect(coloured.stderr).toContain(`${ESCAPE}31m✗`);
});

test('NO_COLOR takes the colours from a terminal', () => {
  const coloured = onTerminal(['predict', '/nowhere', '--json', '{}'], colourful);
  const plain = onTerminal(['predict', '/nowhere', '--json', '{}'], { ...colourful, NO_COLOR: '1' });
  expect(coloured).toContain(`${ESCAPE}31m✗`);
  expect(plain).toContain('✗ There is no directory /nowhere.');
  expect(plain).not.toContain(ESCAPE);
});
