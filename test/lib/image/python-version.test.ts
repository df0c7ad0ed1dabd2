/** Which Python a model directory runs on. */
import { expect, test } from 'vitest';
import { Findings } from '../../../lib/image/findings';
import { readPythonVersion } from '../../../lib/image/python-version';
import { modelFolder } from './model-folder';

function read(file: string | undefined, chosen?: string) {
  const findings = new Findings();
  const folder = modelFolder(file === undefined ? {} : { '.python-version': file });
  const version = readPythonVersion(folder, chosen, findings);
  return { version, errors: findings.errors.map((error) => error.replaceAll(folder, '.')) };
}

test.each([
  ['nothing', undefined, '3.12'],
  ['a minor', '3.10\n', '3.10'],
  ['a patch', '3.14.1\r\n', '3.14'],
  ['a comment first', '# the laptop has it\n3.13\n3.11\n', '3.13'],
])('with %s in .python-version', (_, file, version) => {
  expect(read(file)).toEqual({ version, errors: [] });
});

test('the handler goes before the file', () => {
  expect(read('3.10', '3.13')).toEqual({ version: '3.13', errors: [] });
});

test.each(['3.9', '2.7.18', '3.15', 'pypy3.10', ''])('%j in .python-version names the minors that run', (text) => {
  const expected = `./.python-version says ${JSON.stringify(text)}; expected one of 3.10, 3.11, 3.12, 3.13, 3.14`;
  expect(read(text).errors).toEqual([expected]);
});

test('a pythonVersion that cannot run names the prop', () => {
  expect(read(undefined, '3.8').errors[0]).toContain('pythonVersion says "3.8"');
});
