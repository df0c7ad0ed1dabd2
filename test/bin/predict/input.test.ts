import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { modelApi, temporaryFolder } from '../command';

/** Nothing listens there: a mistake in the input is found before anything is sent. */
const TARGET = 'http://127.0.0.1:9';

test.each([
  [[], 'There is nothing to send.'],
  [['-i', 'text'], '-i text has no value: expected name=value.'],
  [['-i', '=x'], '-i =x has no value: expected name=value.'],
  [['-i', 'a=1', '-i', 'a=2'], '-i gives a twice.'],
  [['-i', 'a=1', '--json', '{}'], 'Both -i and --json say what to send.'],
  [['-i', 'image=@gone.jpg'], '-i image: There is no file gone.jpg.\n  For text that begins with @, write -i'],
  [['--json', '@gone.json'], '--json: There is no file gone.json.\n'],
  [['--json', '@bin'], '--json: bin is a directory.\n'],
  [['--json', '{"a"}'], '--json is not JSON: '],
  [['--json', '[1]'], '--json has to be a JSON object, and is an array.'],
  [['--json', '"text"'], '--json has to be a JSON object, and is a string.'],
])('%j is refused', async (args, message) => {
  const { code, stdout, stderr } = await modelApi(['predict', TARGET, ...args]);
  expect(stderr).toContain(`✗ ${message}`);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

test('a mistake in a JSON file is told with its line', async () => {
  const file = join(temporaryFolder(), 'body.json');
  writeFileSync(file, '{\n  "a": 1,\n  "b": oops\n}\n');
  const { stderr } = await modelApi(['predict', TARGET, '--json', `@${file}`]);
  expect(stderr).toContain(`${file}:3\n       2 |   "a": 1,\n  >    3 |   "b": oops\n       4 | }\n`);
});

test('a directory and a stack at once are refused', async () => {
  const { code, stderr } = await modelApi(['predict', '.', '--stack', 'S', '-i', 'a=1']);
  expect(stderr).toBe('✗ Both . and --stack say where to ask.\n');
  expect(code).toBe(2);
});

test('an address without a scheme is answered with the whole one', async () => {
  const { code, stderr } = await modelApi(['predict', 'localhost:8080', '-i', 'a=1']);
  expect(stderr).toBe('✗ localhost:8080 has no scheme.\n  Did you mean http://localhost:8080?\n');
  expect(code).toBe(2);
});
