/** The frame codec: any split of the stream reads the same, and a hostile peer is refused from the header alone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  durationMs,
  encodeHeader,
  type Frame,
  FrameReader,
  FrameType,
  MAX_BODY_BYTES,
  ProtocolError,
} from '../../../runtime/gateway/worker/frames';

interface Fixture {
  readonly meaning: string;
  readonly type: keyof typeof FrameType;
  readonly id: number;
  readonly flags: number;
  readonly n: number;
  readonly body: string;
  readonly hex: string;
}

const fixtures: Record<'frames' | 'malformed' | 'truncated', Fixture[]> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/frames.json'), 'utf8'),
);

const encode = ({ type, id, flags, n, body }: Frame) =>
  Buffer.concat([encodeHeader(type, id, body.length, flags, n), body]);

function readAll(chunks: readonly Buffer[]): Frame[] {
  const frames: Frame[] = [];
  const reader = new FrameReader((frame) => frames.push(frame));
  for (const chunk of chunks) reader.read(chunk);
  reader.end();
  return frames;
}

const anyFrame = fc.record({
  type: fc.constantFrom(...Object.values(FrameType)),
  id: fc.integer({ min: 0, max: 0xffff_ffff }),
  flags: fc.nat(15),
  n: fc.nat(0xffff),
  body: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
});

/** Cuts bytes at the given places. */
function split(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

test.each(fixtures.frames)(
  'both sides write and read the same bytes: $meaning',
  ({ type, id, flags, n, body, hex }) => {
    const frame = { type: FrameType[type], id, flags, n, body: Buffer.from(body) };
    expect(encode(frame).toString('hex')).toBe(hex);
    expect(readAll([Buffer.from(hex, 'hex')])).toEqual([frame]);
  },
);

test.each(fixtures.malformed)('refused from its header alone: $meaning', ({ hex }) => {
  const reader = new FrameReader(() => expect.unreachable());
  expect(() => reader.read(Buffer.from(hex, 'hex'))).toThrow(ProtocolError);
});

test.each(fixtures.truncated)('an error at the end of the stream: $meaning', ({ hex }) => {
  expect(() => readAll([Buffer.from(hex, 'hex')])).toThrow(/^the connection ended inside a (header|body)$/);
});

test('any split of the stream gives the same frames', () => {
  const property = fc.property(fc.array(anyFrame, { maxLength: 8 }), fc.array(fc.nat()), (frames, places) => {
    expect(readAll(split(Buffer.concat(frames.map(encode)), places))).toEqual(frames);
  });
  fc.assert(property, { numRuns: 500 });
});

test('frames before a broken header are read, whatever the split', () => {
  const property = fc.property(fc.array(anyFrame, { maxLength: 5 }), fc.array(fc.nat()), (frames, places) => {
    const read: Frame[] = [];
    const reader = new FrameReader((frame) => read.push(frame));
    const bytes = Buffer.concat([...frames.map(encode), Buffer.alloc(12, 0xff)]);
    const readSplit = () => {
      for (const chunk of split(bytes, places)) reader.read(chunk);
    };
    expect(readSplit).toThrow(ProtocolError);
    expect(read).toEqual(frames);
  });
  fc.assert(property, { numRuns: 200 });
});

test('any bytes are frames or a protocol error, and never anything else', () => {
  const property = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    try {
      readAll([Buffer.from(bytes)]);
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolError);
    }
  });
  fc.assert(property, { numRuns: 500 });
});

test('a body too large to be read is not written either', () => {
  expect(() => encodeHeader(FrameType.REQUEST, 1, MAX_BODY_BYTES + 1)).toThrow(/a body of 268435457 bytes is larger/);
});

test('a duration is read in microseconds or milliseconds, and of one too long for it nothing is said', () => {
  expect([0, 1_500, 0x7fff, 0x8000 + 40, 0xfffe, 0xffff].map(durationMs)).toEqual([
    0,
    1.5,
    32.767,
    40,
    32_766,
    undefined,
  ]);
});
