/** What a sample is, and what is said of a file that is none. */
import { expect, test } from 'vitest';
import { Findings } from '../../../lib/image/findings';
import { readSamples } from '../../../lib/image/samples';
import { modelFolder } from './model-folder';

function read(files: Record<string, string>) {
  const findings = new Findings();
  const folder = modelFolder({ 'predict.py': '', ...files });
  const samples = readSamples(folder, findings);
  return { samples, errors: findings.errors.map((error) => error.replaceAll(folder, '.')) };
}

test('samples come sorted, with their output when they say one', () => {
  const files = {
    'samples/b.json': '{"input": {"x": 1}}',
    'samples/a.json': '{"input": {}, "output": [1]}',
    'samples/c.txt': '',
  };
  expect(read(files).samples).toEqual([
    { name: 'a', input: {}, output: [1] },
    { name: 'b', input: { x: 1 } },
  ]);
});

test('a directory without samples has none', () => {
  expect(read({})).toEqual({ samples: [], errors: [] });
});

test('broken JSON names the file', () => {
  expect(read({ 'samples/bad.json': '{"input": ' }).errors[0]).toMatch(/^\.\/samples\/bad\.json is not JSON: /);
});

test.each(['[]', '{"x": 1}', '{"input": [1]}', 'null'])('%s is not a sample', (text) => {
  expect(read({ 'samples/bad.json': text }).errors).toEqual([
    './samples/bad.json is not a sample: expected {"input": {...}} and, if it is known, "output"',
  ]);
});
