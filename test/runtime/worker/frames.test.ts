import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeHeader, FrameType } from '../../../runtime/gateway/worker/frames';
import fixtures from '../../fixtures/frames.json';
import { PYTHON, WORKER } from './python';

interface Read {
  readonly frames?: { type: string; id: number; flags: number; n: number; body: string; again: string }[];
  readonly error?: string;
}

/** What the worker's codec reads from each of these byte streams. */
function read(...streams: string[]): Read[] {
  const script = join(import.meta.dirname, 'frames.py');
  const { stdout, stderr } = spawnSync(PYTHON, [script, WORKER], { input: streams.join('\n'), encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test.each(fixtures.frames)('$type: $meaning', ({ type, id, flags, n, body, hex }) => {
  expect(read(hex)).toEqual([
    { frames: [{ type, id, flags, n, body: Buffer.from(body).toString('hex'), again: hex }] },
  ]);
});

test('frames follow each other without anything between', () => {
  const [{ frames } = {}] = read(fixtures.frames.map(({ hex }) => hex).join(''));
  expect(frames?.map(({ again }) => again)).toEqual(fixtures.frames.map(({ hex }) => hex));
});

test.each(fixtures.malformed)('refused from the header alone: $meaning', ({ hex }) => {
  expect(read(hex)[0]?.error).toMatch(/is no frame type|is larger than 268435456|mean nothing in this version/);
});

test.each(fixtures.truncated)('refused: $meaning', ({ hex }) => {
  expect(read(hex)[0]?.error).toMatch(/^the connection ended inside a (header|body)$/);
});

test('refused: a context that is longer than its frame', () => {
  const hex = encodeHeader(FrameType.REQUEST, 1, 0, 0, 1).toString('hex');
  expect(read(hex)[0]?.error).toBe('a context of 1 bytes is longer than its frame of 0');
});

test('what the gateway writes, the worker reads and writes again', () => {
  const frame = fc.record({
    type: fc.constantFrom(...Object.values(FrameType)),
    id: fc.nat(2 ** 32 - 1),
    flags: fc.nat(15),
    n: fc.nat(0xffff),
    body: fc.uint8Array({ maxLength: 100 }),
  });
  const streams = fc.sample(fc.array(frame, { minLength: 1, maxLength: 5 }), 200).map((frames) =>
    frames.map(({ type, id, flags, n, body }) =>
      // A context longer than its frame is refused.
      Buffer.concat([
        encodeHeader(type, id, body.length, flags, type === FrameType.REQUEST ? Math.min(n, body.length) : n),
        body,
      ]).toString('hex'),
    ),
  );
  const back = read(...streams.map((stream) => stream.join('')));
  expect(back.map(({ frames }) => frames?.map(({ again }) => again))).toEqual(streams);
});
