/** Triton's own client against our gateway: what its users do has to work unchanged. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { serve } from '../runtime/serve';
import { pythonWith } from '../runtime/worker/python';

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'tritonclient');

let python: string;

// Makes the virtual environment when it is not there yet.
beforeAll(() => {
  python = pythonWith(join(FOLDER, 'requirements.txt'));
}, 300_000);

test('the client of Triton gets what it asks for', async () => {
  const api = await serve({ handler: 'echo' });
  const { stdout } = await promisify(execFile)(python, [join(FOLDER, 'client.py'), api.url]);
  expect(JSON.parse(stdout)).toEqual({
    live: true,
    ready: true,
    model_ready: true,
    other_ready: false,
    server: { name: 'model-api', version: '2', extensions: ['binary_tensor_data'] },
    model: expect.objectContaining({ name: 'model', inputs: [{ name: 'value', datatype: 'BYTES', shape: [-1] }] }),
    index: [{ name: 'model', version: '', state: 'READY', reason: '' }],
    different: [],
    strings: Array(2).fill([
      ['a', 'é'],
      ['', '🙂'],
    ]),
    compressed: [true, true, true, true],
    id: 'my-id',
    no_output: { status: '400', message: "There is no output 'nope'; there is 'output'." },
    no_model: { status: '404', message: "There is no model 'other'; this is 'model'." },
    load: { status: '400', message: expect.stringContaining('deploy the API') },
  });
});
