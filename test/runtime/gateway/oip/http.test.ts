/** The Open Inference Protocol over a real socket and a real worker: bytes, headers, statuses, and every refusal's form. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Reply, type Serving, serve } from '../../serve';
import { handler } from '../../worker/handlers';

const INFER = '/v2/models/model/infer';
const HEADER = 'Inference-Header-Content-Length';

/** An answer whose body may be bytes. */
async function post(api: Serving, path: string, body: RequestInit['body'], headers: RequestInit['headers'] = {}) {
  const response = await fetch(`${api.url}${path}`, { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

const infer = (api: Serving, request: unknown, path = INFER): Promise<Reply> =>
  api.request(path, { method: 'POST', body: JSON.stringify(request) });

const tensor = (name: string, datatype: string, shape: number[], data: unknown) => ({ name, datatype, shape, data });

function expectError(
  reply: Pick<Reply, 'headers' | 'json' | 'status'>,
  status: number,
  message: string | RegExp,
): void {
  expect(reply.json).toEqual({ error: expect.stringMatching(message) });
  expect(reply.status).toBe(status);
  expect(reply.headers.get('content-type')).toBe('application/json');
}

test('a request in JSON is answered in JSON, with its id and without a version', async () => {
  const api = await serve({ handler: 'echo' });
  const reply = await infer(api, {
    id: 'a-1',
    inputs: [
      tensor(
        'anything',
        'FP32',
        [2, 2],
        [
          [1, 0.5],
          [0, -1],
        ],
      ),
    ],
  });
  expect(reply.status).toBe(200);
  expect(reply.headers.get('content-type')).toBe('application/json');
  expect(reply.headers.get(HEADER)).toBeNull();
  expect(reply.text).toBe(
    '{"model_name":"model","id":"a-1","outputs":[{"name":"output","datatype":"FP64","shape":[2,2],"data":[1.0,0.5,0.0,-1.0]}]}',
  );
});

test('bytes in and bytes out, counted by the header', async () => {
  const api = await serve({ handler: 'echo', overlay: { name: 'iris', version: '7' } });
  const input = { name: 'x', datatype: 'INT16', shape: [2], parameters: { binary_data_size: 4 } };
  const head = JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } });
  const body = Buffer.concat([Buffer.from(head), Buffer.from(Int16Array.of(-2, 3).buffer)]);
  const headers = { [HEADER]: String(head.length), 'Content-Type': 'application/octet-stream' };
  const reply = await post(api, '/v2/models/iris/versions/7/infer', body, headers);
  const json =
    '{"model_name":"iris","model_version":"7","outputs":[' +
    '{"name":"output","datatype":"INT64","shape":[2],"parameters":{"binary_data_size":16}}]}';
  expect(reply.bytes).toEqual(Buffer.concat([Buffer.from(json), Buffer.from(BigInt64Array.of(-2n, 3n).buffer)]));
  expect(reply.headers.get('content-type')).toBe('application/octet-stream');
  expect(reply.headers.get(HEADER)).toBe(String(json.length));
});

test('a raw request is the one tensor, and its answer is bytes', async () => {
  const api = await serve({ handler: 'says' });
  const reply = await post(api, INFER, 'hello', { [HEADER]: '0' });
  const head = Number(reply.headers.get(HEADER));
  expect(reply.bytes.subarray(head)).toEqual(Buffer.from('\x06\0\0\0hello!', 'latin1'));
});

test.each(['abc', '-1', '+5', '0x10', '1 0', '99999999999', '2147483648', '1000'])(
  'a header of %j is refused',
  async (value) => {
    const api = await serve({ handler: 'echo' });
    const reply = await post(api, INFER, '{"inputs":[]}', { [HEADER]: value });
    expectError(
      { ...reply, json: JSON.parse(reply.bytes.toString()) },
      400,
      /^Inference-Header-Content-Length must be /,
    );
  },
);

test('the header twice is refused', async () => {
  const api = await serve({ handler: 'echo' });
  const reply = await post(api, INFER, '{"inputs":[]}', [
    [HEADER, '13'],
    [HEADER, '13'],
  ]);
  expectError({ ...reply, json: JSON.parse(reply.bytes.toString()) }, 400, "got '13, 13'");
});

describe('gzip and deflate', () => {
  const long = { inputs: [tensor('x', 'INT64', [500], Array(500).fill(1_000_000))] };
  const text = JSON.stringify(long);

  test.each([
    ['gzip', gzipSync, gunzipSync],
    ['deflate', deflateSync, inflateSync],
  ])('%s both ways', async (coding, encode, decode) => {
    const api = await serve({ handler: 'echo' });
    const plain = await infer(api, long);
    const headers = { 'Content-Encoding': coding, 'Accept-Encoding': `br, ${coding};q=0.5` };
    const call = request(`${api.url}${INFER}`, { method: 'POST', headers }).end(encode(text));
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    expect(response.headers['content-encoding']).toBe(coding);
    expect(decode(Buffer.concat(await response.toArray())).toString()).toBe(plain.text);
  });

  test('what is neither, or broken, is refused in the form of the protocol', async () => {
    const api = await serve({ handler: 'echo' });
    const send = (coding: string) =>
      api.request(INFER, { method: 'POST', body: text, headers: { 'content-encoding': coding } });
    expectError(await send('br'), 415, /br/);
    expectError(await send('gzip'), 400, /cannot be decoded as gzip/);
  });
});

describe('what is refused says so as {"error"}', () => {
  test('whatever is wrong with the request', async () => {
    const api = await serve({ handler: 'typed', overlay: { maxBodyBytes: 2_000 } });
    const features = tensor('features', 'FP64', [2], [1, 2]);
    const text = tensor('text', 'BYTES', [1], ['a']);
    const size = tensor('size', 'BYTES', [1], ['medium']);
    expectError(await infer(api, { inputs: [features] }), 400, "The input 'text' is missing.");
    expectError(
      await infer(api, { inputs: [features, text, size] }),
      400,
      /\$\.size: expected 'small' or 'large', got 'medium'/,
    );
    expectError(await infer(api, { inputs: [features, text], outputs: [{ name: 'nope' }] }), 400, "no output 'nope'");
    expectError(await infer(api, { inputs: 1 }), 400, 'inputs');
    expectError(await api.request(INFER, { method: 'POST', body: '{' }), 400, 'JSON');
    expectError(await api.request(INFER, { method: 'POST' }), 400, 'empty');
    expectError(await api.request(INFER, { method: 'POST', body: '"'.repeat(3_000) }), 413, 'larger than 2000 bytes');
    expectError(
      await infer(api, { inputs: [] }, '/v2/models/other/infer'),
      404,
      "There is no model 'other'; this is 'model'.",
    );
    expectError(await infer(api, { inputs: [] }, '/v2/models/model/versions/1/infer'), 404, 'it has no versions');
    expectError(await api.request('/v2/models/model/versions/1'), 404, 'no versions');
    expectError(await api.request('/v2/nothing'), 404, 'nothing at');
    expectError(await api.request(INFER), 405, 'does not answer GET, only POST');
  });

  test('a handler that raises, and a model that is not loaded yet', async () => {
    const raising = await serve({ handler: 'raises' });
    const reply = await infer(raising, { inputs: [tensor('x', 'BYTES', [1], ['boom'])] });
    expect([reply.status, Object.keys(reply.json)]).toEqual([500, ['error']]);
    const loading = await serve({ handler: 'never_loads', until: 'listening' });
    expectError(await infer(loading, { inputs: [tensor('x', 'INT64', [1], [1])] }), 503, /.+/);
    expectError(await loading.request('/v2/health/ready'), 503, /.+/);
    expectError(await loading.request('/v2/models/model'), 503, /.+/);
    expectError(await loading.request('/v2/models/model/ready'), 503, /.+/);
    expect((await loading.request('/v2/health/live')).json).toEqual({ live: true, ready: false });
  });
});

test('arguments are nested as deep as maxJsonDepth lets them, by whatever way they come', async () => {
  const api = await serve({ handler: 'echo', overlay: { maxJsonDepth: 3 } });
  const json = { parameters: { content_type: 'json' } };
  const ways: Record<string, (value: unknown, shape: number[]) => Promise<Reply>> = {
    predict: (value) => api.post({ value }),
    generate: (value) => infer(api, { value }, '/v2/models/model/generate'),
    'nested data': (value, shape) => infer(api, { inputs: [tensor('value', 'INT64', shape, value)] }),
    'flat data': (_, shape) => infer(api, { inputs: [tensor('value', 'INT64', shape, [1, 2])] }),
    'text of JSON': (value) =>
      infer(api, { inputs: [{ ...tensor('value', 'BYTES', [1], [JSON.stringify(value)]), ...json }] }),
  };
  for (const [way, send] of Object.entries(ways)) {
    expect([way, (await send([[1, 2]], [1, 2])).status]).toEqual([way, 200]);
    const refused = await send([[[1, 2]]], [1, 1, 2]);
    expect([way, refused.status, refused.text]).toEqual([
      way,
      400,
      expect.stringMatching('nested more than [35] deep'),
    ]);
  }
  const index = await api.request('/v2/repository/index', { method: 'POST', body: '{"ready":[[[[]]]]}' });
  expectError(index, 400, 'nested more than 3 deep');
});

test('a result that is no record has one output, a record one for each field', async () => {
  const api = await serve({ handler: 'typed' });
  const inputs = [
    tensor('features', 'FP32', [3], [1, 2, 3]),
    tensor('text', 'BYTES', [1], ['a']),
    tensor('count', 'INT32', [1], [4]),
  ];
  const { json } = await infer(api, { inputs, outputs: [{ name: 'count' }, { name: 'sum' }] });
  expect(json.outputs).toEqual([tensor('count', 'FP64', [1], [4]), tensor('sum', 'FP64', [1], [6])]);
});

test.each([
  ['int', 'value', 'an output', "there is 'output'."],
  ['Point', 'Point(value, value)', 'z', "there is 'x', 'y'."],
])('an output that a handler of %s cannot have is refused before it runs', async (hint, result, name, known) => {
  const predict = [
    'from dataclasses import dataclass',
    '@dataclass',
    'class Point:',
    '    x: int',
    '    y: int',
    `def predict(value: int) -> ${hint}:`,
    '    print("ran")',
    `    return ${result}`,
  ].join('\n');
  const api = await serve({ handler: handler(predict) });
  const inputs = [tensor('value', 'INT64', [1], [1])];
  expectError(await infer(api, { inputs, outputs: [{ name }] }), 400, `There is no output '${name}'; ${known}`);
  expect((await infer(api, { inputs })).status).toBe(200);
  await api.output('ran');
  expect(api.events('output')).toHaveLength(1);
});

test('server, model and repository say what they are', async () => {
  const api = await serve({ handler: 'typed', overlay: { name: 'iris', version: '7' } });
  const at = async (path: string, init: RequestInit = {}) => (await api.request(path, init)).json;
  expect(await at('/v2')).toEqual({ name: 'model-api', version: '2', extensions: ['binary_tensor_data'] });
  expect(await at('/v2/health/live')).toEqual({ live: true, ready: true });
  expect(await at('/v2/health/ready')).toEqual({ live: true, ready: true });
  expect(await at('/v2/models/iris/versions/7/ready')).toEqual({ name: 'iris', ready: true });
  expect(await at('/v2/models/iris')).toMatchObject({
    name: 'iris',
    versions: ['7'],
    inputs: [
      { name: 'features', datatype: 'FP64', shape: [-1] },
      { name: 'text', datatype: 'BYTES', shape: [1] },
      { name: 'count', datatype: 'INT64', shape: [1] },
      { name: 'size', datatype: 'BYTES', shape: [1] },
      { name: 'place', datatype: 'BYTES', shape: [1], parameters: { content_type: 'json' } },
    ],
    outputs: [],
  });
  const index = [{ name: 'iris', version: '7', state: 'READY', reason: '' }];
  expect(await at('/v2/repository/index', { method: 'POST' })).toEqual(index);
  expect(await at('/v2/repository/index', { method: 'POST', body: '{"ready":true}' })).toEqual(index);
  const nested = `{"ready":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  expect(await at('/v2/repository/index', { method: 'POST', body: nested })).toHaveProperty('error');
  expect(await at('/v2/repository/models/iris/load', { method: 'POST' })).toEqual({
    error: expect.stringContaining('deploy'),
  });
});

test('text is generated from plain arguments', async () => {
  const api = await serve({ handler: 'says' });
  const generate = (path: string) => infer(api, { text: 'hi' }, `/v2/models/model/${path}`);
  expect((await generate('generate')).text).toBe('{"model_name":"model","output":"hi!"}');
  const events = await generate('generate_stream');
  expect(events.text).toBe('data: {"model_name":"model","output":"hi!"}\n\n');
  expect(events.headers.get('content-type')).toBe('text/event-stream');
});

test('a stream is an event for each item, and tells how it failed', async () => {
  const api = await serve({ handler: 'tokens' });
  const generate = (input: object, path = 'generate_stream') => infer(api, input, `/v2/models/model/${path}`);
  const token = (number: number) => `data: {"model_name":"model","output":"token ${number}"}\n\n`;
  expect((await generate({ count: 2 })).text).toBe(token(0) + token(1));
  const failed = await generate({ fail_after: 1 });
  expect(failed.text.startsWith(`${token(0)}data: {"error":`)).toBe(true);
  expectError(await generate({ count: 'two' }), 400, /\$\.count: expected integer/);
  expectError(await generate({}, 'generate'), 400, 'generate_stream');
  expectError(await generate({ inputs: [] }, 'infer'), 400, 'generate_stream');
});

test.each([
  ['infer', { inputs: [tensor('endless', 'BOOL', [1], [true])] }],
  ['generate', { endless: true }],
])('a stream that no hint announced is stopped when %s refuses it', async (route, request) => {
  // More than a worker may send unread, so that one that nobody reads would hold the only worker to the deadline.
  const predict = 'def predict(endless: bool):\n    return ("x" for _ in iter(int, 1)) if endless else "free"\n';
  const api = await serve({ handler: handler(predict) });
  expectError(await infer(api, request, `/v2/models/model/${route}`), 400, 'generate_stream');
  expect((await api.post({ endless: false })).json).toBe('free');
});

test('a stream of bytes is Base64 in its events', async () => {
  const api = await serve({ handler: 'yields_bytes' });
  const { text } = await infer(api, { blocks: 1, size: 3 }, '/v2/models/model/generate_stream');
  expect(text).toMatch(/^data: \{"model_name":"model","output":"[\w+/=]{4}"\}\n\n$/);
});

test('bytes at random never break the server', async () => {
  const api = await serve({ handler: 'echo' });
  const { default: fc } = await import('fast-check');
  const change = fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.constantFrom('0', '5', '20', '38'));
  const valid = JSON.stringify({ inputs: [tensor('x', 'INT8', [2], [1, 2])] });
  await fc.assert(
    fc.asyncProperty(change, async ([bytes, head]) => {
      const reply = await post(api, INFER, Buffer.concat([Buffer.from(valid.slice(0, 30)), bytes]), { [HEADER]: head });
      expect(reply.status).toBe(head === '0' && reply.status === 200 ? 200 : 400);
      if (reply.status === 400) expect(Object.keys(JSON.parse(reply.bytes.toString()))).toEqual(['error']);
    }),
    { numRuns: 150 },
  );
  expect((await api.request('/v2/health/live')).status).toBe(200);
});
