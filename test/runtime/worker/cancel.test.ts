import { expect, test } from 'vitest';
import { FrameType } from '../../../runtime/gateway/worker/frames';
import { fixture } from './handlers';
import { Worker } from './worker';

test('a cancelled request that waits is never run', async () => {
  const worker = await Worker.ready(fixture('slow'));
  const running = worker.request({ seconds: 0.3 });
  const waiting = worker.request({ seconds: 0.1 });
  await worker.printed('began 0.3');
  worker.cancel(waiting);
  await worker.result(running);
  expect(await worker.failure(waiting)).toMatchObject({ type: 'Cancelled' });
  expect(worker.lines.map(({ msg }) => msg)).toEqual(['began 0.3']);
});

test('a cancelled sync request that runs is answered when it is done', async () => {
  const worker = await Worker.ready(fixture('slow'));
  const id = worker.request({ seconds: 0.3 });
  await worker.printed('began');
  worker.cancel(id);
  expect(await worker.result(id)).toBe(0.3);
});

test('a cancelled async request stops where it waits, and its finally runs', async () => {
  const worker = await Worker.ready(fixture('async_echo'));
  const id = worker.request({ value: 'a', seconds: 60 });
  await worker.printed('began a');
  worker.cancel(id);
  expect(await worker.failure(id)).toMatchObject({ type: 'Cancelled' });
  expect(worker.lines.map(({ msg }) => msg)).toEqual(['began a', 'left a']);
});

test('a cancelled async request leaves its neighbours alone', async () => {
  const worker = await Worker.ready(fixture('async_echo'));
  const [cancelled, neighbour] = ['a', 'b'].map((value) => worker.request({ value, seconds: 0.3 })) as [number, number];
  await worker.printed('began b');
  worker.cancel(cancelled);
  expect(await worker.result(neighbour)).toBe('b');
});

test('a cancel that crosses the answer does nothing, also not to a later request of that id', async () => {
  const worker = await Worker.ready(fixture('echo'));
  const id = worker.request({ value: 1 });
  await worker.result(id);
  worker.cancel(id);
  worker.frames.length = 0;
  worker.send(FrameType.REQUEST, id, { value: 2 });
  expect(await worker.result(id)).toBe(2);
});

test('every request has exactly one answer', async () => {
  const worker = await Worker.ready(fixture('async_echo'));
  const ids = Array.from({ length: 50 }, (_, value) => worker.request({ value, seconds: value % 2 }));
  for (const id of ids.filter((_, index) => index % 3 === 0)) worker.cancel(id);
  worker.stop();
  await worker.exitCode;
  const answers = worker.frames.filter(({ type }) => type === FrameType.RESULT || type === FrameType.ERROR);
  expect(answers.map(({ id }) => id).sort((a, b) => a - b)).toEqual(ids);
});
