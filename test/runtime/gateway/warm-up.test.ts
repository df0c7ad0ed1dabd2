/** Before a worker takes traffic it answers the samples: what that changes, and what it leaves untouched. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gate, until } from '../gate';
import { type ServeOptions, type Serving, serve } from '../serve';
import { handler } from '../worker/handlers';

const sample = (input: object) => JSON.stringify({ input });

/** Answers how many calls its process has had. */
const COUNTS = `import os
calls = []
def predict(name: str) -> list[int]:
    calls.append(name)
    print("answering", name)
    return [os.getpid(), len(calls)]
`;

const TWO = { 'samples/a.json': sample({ name: 'a' }), 'samples/b.json': sample({ name: 'b' }) };

const DIVIDES = `def predict(by: int) -> int:
    return 1 // by
`;

/** A gateway that is expected not to come up; resolves to what was wrong. */
async function failure(predict: string, input: object, options: Partial<ServeOptions> = {}) {
  const folder = handler(predict, { 'samples/one.json': sample(input) });
  const overlay = { loadAttempts: 1, ...options.overlay };
  const api = await serve({ ...options, handler: folder, overlay, until: 'exit' });
  expect(await api.exit).toBe(3);
  return api.events('load_failed').at(-1);
}

/** Who printed so: the id that the line carries. */
const printed = (api: Serving, text: string) =>
  api.events('output').flatMap(({ msg, request_id }) => (msg === text ? [request_id] : []));

test('every worker has answered every sample when it is ready, and prints under their names', async () => {
  const api = await serve({ handler: handler(COUNTS, TWO), overlay: { workers: 2 } });
  expect(printed(api, 'answering a')).toEqual(['warm-up:a', 'warm-up:a']);
  expect(printed(api, 'answering b')).toEqual(['warm-up:b', 'warm-up:b']);
  expect(api.events('loaded')[0]).toMatchObject({ samples: 2, warmup_seconds: expect.any(Number) });
  expect((await api.post({ name: 'c' })).json[1]).toBe(3);
});

test('metrics and access log know nothing of it', async () => {
  const api = await serve({ handler: handler(COUNTS, TWO) });
  const { text } = await api.manage('/metrics');
  for (const family of ['request', 'queue', 'predict'])
    expect(text).toContain(`\nmodel_api_${family}_duration_seconds_count 0\n`);
  expect(text).toContain('\nmodel_api_running 0\n');
  expect(text).not.toContain('model_api_requests_total{');
  await api.post({ name: 'c' });
  const after = (await api.manage('/metrics')).text;
  expect(after).toContain('\nmodel_api_running 0\n');
  expect(after).toContain('\nmodel_api_predict_duration_seconds_count 1\n');
  expect(api.logs.filter(({ route }) => route !== undefined)).toHaveLength(1);
});

test('a worker that is warming up is not ready, and the time counts as load time', async () => {
  const { file, open } = gate();
  const waits = `import os, time
def predict(until: str) -> bool:
    print("waiting")
    while not os.path.exists(until):
        time.sleep(0.002)
    return True
`;
  const folder = handler(waits, { 'samples/a.json': sample({ until: file }) });
  const api = await serve({ handler: folder, until: 'listening' });
  await api.output('waiting');
  expect((await api.manage('/readyz')).json.detail).toMatch(/^The handler is answering its samples\. /);
  expect(await api.post({ until: '/' })).toMatchObject({ status: 503, json: { code: 'not_ready' } });
  expect((await api.manage('/metrics')).text).toContain('\nmodel_api_ready_workers 0\n');
  open();
  const { load_seconds: loadSeconds, warmup_seconds: warmUpSeconds } = await api.line('loaded');
  expect(loadSeconds).toBeGreaterThan(warmUpSeconds as number);
  const [, gauge] = /\nmodel_api_load_seconds ([\d.]+)/.exec((await api.manage('/metrics')).text) ?? [];
  expect(Number(gauge)).toBeCloseTo(loadSeconds as number, 2);
  expect((await api.post({ until: '/' })).status).toBe(200);
});

test('a sample on which the handler raises is a failed load, with its name, traceback and place', async () => {
  const line = await failure(DIVIDES, { by: 0 }, { overlay: { loadAttempts: 2 } });
  expect(line).toMatchObject({ attempt: 2, msg: 'The handler could not answer samples/one.json.' });
  expect(line?.error).toMatchObject({
    kind: 'handler',
    type: 'ZeroDivisionError',
    sample: 'samples/one.json',
    file: 'predict.py',
    line: 2,
    traceback: expect.stringContaining('predict.py", line 2, in predict'),
  });
});

test('a sample whose result cannot be encoded is a failed load', async () => {
  const line = await failure('def predict(): return {"score": float("nan")}', {});
  expect(line?.error).toMatchObject({ kind: 'result', sample: 'samples/one.json', hint: expect.any(String) });
});

test('a sample that kills the worker is a failed load, with its last words', async () => {
  const dies = 'import os\ndef predict() -> None:\n    os.write(2, b"illegal instruction\\n")\n    os._exit(4)\n';
  expect((await failure(dies, {}))?.error).toMatchObject({
    message: 'The worker exited with code 4 while it answered samples/one.json.',
    sample: 'samples/one.json',
    traceback: 'illegal instruction',
  });
});

test('a sample that hangs is ended by the load timeout', async () => {
  const hangs = 'import time\ndef predict() -> None:\n    time.sleep(600)\n';
  const line = await failure(hangs, {}, { overlay: { loadTimeoutMs: 1_000 } });
  expect(line?.error).toMatchObject({
    message: 'The handler had not answered samples/one.json when the load timeout of 1 s had passed.',
  });
});

test('without warm-up no sample is run', async () => {
  const folder = handler(DIVIDES, { 'samples/one.json': sample({ by: 0 }) });
  const api = await serve({ handler: folder, overlay: { warmUp: false } });
  expect(api.events('loaded')[0]).toMatchObject({ samples: 0 });
  expect((await api.post({ by: 1 })).json).toBe(1);
});

test('a sample that does not fit is warned about once and skipped, also when only Python can tell', async () => {
  const folder = handler('def predict(image: bytes) -> int:\n    return len(image)\n', {
    'samples/a.json': sample({ image: 5 }),
    'samples/b.json': sample({ image: 'no base64!' }),
    'samples/c.json': sample({ image: 'aGk=' }),
  });
  const api = await serve({ handler: folder, overlay: { workers: 2 } });
  expect(api.events('loaded')[0]).toMatchObject({ samples: 1 });
  expect(api.events('sample_ignored').map(({ msg }) => msg)).toEqual([
    'samples/a.json does not fit the handler: $.image: expected string, got integer',
    expect.stringMatching(/^samples\/b\.json does not fit the handler: \$\.image: /),
  ]);
});

test('a sample that Python refuses is no example of the OpenAPI document', async () => {
  const folder = handler('def predict(image: bytes) -> int:\n    return len(image)\n', {
    'samples/good.json': sample({ image: 'aGk=' }),
    'samples/refused.json': sample({ image: 'no base64!' }),
  });
  const api = await serve({ handler: folder });
  const { post } = (await api.request('/openapi.json')).json.paths['/predict'];
  expect(Object.keys(post.requestBody.content['application/json'].examples)).toEqual(['good']);
});

test('a sample that takes longer than a request may is warned about once, with both times', async () => {
  const sleeps = 'import time\ndef predict(seconds: float) -> None:\n    time.sleep(seconds)\n';
  const samples = { 'samples/fast.json': sample({ seconds: 0 }), 'samples/slow.json': sample({ seconds: 0.6 }) };
  const api = await serve({ handler: handler(sleeps, samples), overlay: { requestTimeoutMs: 500, workers: 2 } });
  expect(api.events('loaded')[0]).toMatchObject({ samples: 2 });
  const [line, ...more] = api.events('sample_slow');
  expect(line).toMatchObject({ level: 'warning', sample: 'samples/slow.json', request_timeout_seconds: 0.5 });
  expect(line?.seconds).toBeGreaterThan(0.6);
  expect(line?.msg).toMatch(/^samples\/slow\.json was answered after 0\.\d+ s; as a request .+ after 0\.5 s\.$/);
  expect(more).toEqual([]);
});

test('numbers reach the handler as the sample has them', async () => {
  const strict = `def predict(x, n):
    assert isinstance(x, float) and n == 9007199254740993, (x, n)
`;
  const text = '{"output": null, "input": {"x": 1.0, "n": 9007199254740993}}';
  const api = await serve({ handler: handler(strict, { 'samples/a.json': text }) });
  expect(api.events('loaded')[0]).toMatchObject({ samples: 1 });
});

test('an async handler is warmed up, too', async () => {
  const api = await serve({ handler: handler(COUNTS.replace('def predict', 'async def predict'), TWO) });
  expect((await api.post({ name: 'c' })).json[1]).toBe(3);
});

test('the worker that takes over from a dead one answers the samples first', async () => {
  const api = await serve({ handler: handler(COUNTS, TWO) });
  const [pid] = (await api.post({ name: 'c' })).json;
  process.kill(pid, 'SIGKILL');
  await until(() => api.events('loaded').length === 2);
  expect(api.events('loaded')[1]).toMatchObject({ samples: 2 });
  expect((await api.post({ name: 'd' })).json).toEqual([expect.any(Number), 3]);
});

test('workers that can no longer answer a sample are a crash loop, and the reason is told', async () => {
  const folder = handler(COUNTS, TWO);
  const api = await serve({ handler: folder });
  const [pid] = (await api.post({ name: 'c' })).json;
  writeFileSync(join(folder, 'predict.py'), 'def predict(name: str) -> str:\n    raise OSError("disk full")\n');
  process.kill(pid, 'SIGKILL');
  await until(async () => (await api.manage('/readyz')).json.detail?.startsWith('Workers die again and again'));
  expect((await api.manage('/readyz')).json.detail).toMatch(
    /the last was killed: it could not answer a sample\. .*failed with OSError/,
  );
  expect(api.events('load_failed')[0]?.error).toMatchObject({ message: 'disk full', sample: 'samples/a.json' });
});

test('a reload whose handler fails on a sample keeps the old workers', async () => {
  const folder = handler(DIVIDES, { 'samples/one.json': sample({ by: 1 }) });
  const api = await serve({ handler: folder });
  writeFileSync(join(folder, 'samples/one.json'), sample({ by: 0 }));
  api.signal('SIGHUP');
  expect(await api.line('reload_failed')).toMatchObject({ error: { sample: 'samples/one.json' } });
  expect((await api.post({ by: 1 })).json).toBe(1);
});
