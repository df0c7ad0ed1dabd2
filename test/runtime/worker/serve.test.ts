import { expect, test } from 'vitest';
import { encodeHeader, FrameType } from '../../../runtime/gateway/worker/frames';
import fixtures from '../../fixtures/frames.json';
import { fixture, handler } from './handlers';
import { Worker } from './worker';

test('a worker introduces itself before it is told anything', async () => {
  const worker = await Worker.connected();
  const hello = await worker.frame(FrameType.HELLO, 0);
  expect(JSON.parse(hello.body.toString())).toEqual({ protocol: 2, pid: worker.process.pid });
});

test('STOP lets what runs and waits finish, then the worker exits 0', async () => {
  const worker = await Worker.ready(fixture('slow'));
  const [running, waiting] = [worker.request({ seconds: 0.3 }), worker.request({ seconds: 0 })];
  await worker.printed('began 0.3');
  worker.stop();
  expect([await worker.result(running), await worker.result(waiting)]).toEqual([0.3, 0]);
  expect(await worker.exitCode).toBe(0);
});

test('STOP lets every running async request finish', async () => {
  const worker = await Worker.ready(fixture('async_echo'));
  const ids = [1, 2].map((value) => worker.request({ value, seconds: 0.3 }));
  await worker.printed('began 2');
  worker.stop();
  expect(await Promise.all(ids.map((id) => worker.result(id)))).toEqual([1, 2]);
  expect(await worker.exitCode).toBe(0);
});

test('STOP runs what the handler registered to run at exit', async () => {
  const worker = await Worker.ready(handler('import atexit\natexit.register(print, "goodbye")\ndef predict(): ...\n'));
  worker.stop();
  expect(await worker.exitCode).toBe(0);
  expect(worker.lines.map(({ msg }) => msg)).toEqual(['goodbye']);
});

test('STOP while the handler loads ends the worker at once', async () => {
  const worker = await Worker.loading(handler('import time\nprint("loading")\ntime.sleep(60)\n'));
  await worker.printed('loading');
  worker.stop();
  expect(await worker.exitCode).toBe(0);
});

test.each([
  ['predict() runs', 'slow', { seconds: 60 }, 'began'],
  ['an async predict() waits', 'async_echo', { value: 1, seconds: 60 }, 'began'],
])('a worker whose gateway is gone ends at once, even while %s', async (_when, name, input, began) => {
  const worker = await Worker.ready(fixture(name));
  worker.request(input);
  await worker.printed(began);
  worker.hangUp();
  expect(await worker.exitCode).toBe(1);
});

test('a worker whose gateway is gone ends at once while the handler loads', async () => {
  const worker = await Worker.loading(handler('import time\nprint("loading")\ntime.sleep(60)\n'));
  await worker.printed('loading');
  worker.hangUp();
  expect(await worker.exitCode).toBe(1);
});

test.each([...fixtures.malformed])('a gateway that sends garbage loses the worker: $meaning', async ({ hex }) => {
  const worker = await Worker.ready(fixture('echo'));
  worker.sendBytes(Buffer.from(hex, 'hex'));
  expect(await worker.exitCode).toBe(1);
  expect(worker.raw).toContain('worker: the connection to the gateway broke: ');
});

test('a gateway that sends what only workers send loses the worker', async () => {
  const worker = await Worker.ready(fixture('echo'));
  worker.sendBytes(encodeHeader(FrameType.READY, 0, 0));
  expect(await worker.exitCode).toBe(1);
  expect(worker.raw).toContain('worker: the gateway sent READY, which it may not send now');
});

test('a request that comes before READY loses the worker', async () => {
  const worker = await Worker.loading(handler('import time\nprint("loading")\ntime.sleep(60)\n'));
  await worker.printed('loading');
  worker.request({});
  expect(await worker.exitCode).toBe(1);
});

test('Ctrl-C in the terminal leaves the worker to the gateway', async () => {
  const worker = await Worker.ready(fixture('slow'));
  const id = worker.request({ seconds: 0.3 });
  await worker.printed('began');
  worker.process.kill('SIGINT');
  expect(await worker.result(id)).toBe(0.3);
});

test('a handler that failed to load and left a thread behind does not keep the worker', async () => {
  const folder = handler(
    'import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\nraise ValueError("no")\n',
  );
  const worker = await Worker.loading(folder);
  expect((await worker.loadFailure()).message).toBe('no');
  expect(await worker.exitCode).toBe(1);
});

test('a forked child neither answers for the worker nor keeps its connection', async () => {
  const worker = await Worker.ready(
    handler(`
import os

def predict() -> int:
    child = os.fork()
    if child == 0:
        print("from the child")
        os._exit(5)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
`),
  );
  expect(await worker.predict({})).toBe(5);
  expect(worker.raw).toContain('from the child');
  expect(worker.lines).toEqual([]);
});
