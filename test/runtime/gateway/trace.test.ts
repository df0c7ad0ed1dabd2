/** W3C Trace Context: every rule of both headers, as a table and as properties. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requestContext } from '../../../runtime/gateway/request-context';
import { newSpanId, Trace } from '../../../runtime/gateway/trace';
import { validTracestate } from '../../../runtime/gateway/tracestate';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const VALID = `00-${TRACE}-${PARENT}-01`;

describe('a traceparent that is followed', () => {
  test.each([
    ['version 00, sampled', VALID, true, '01'],
    ['not sampled', `00-${TRACE}-${PARENT}-00`, false, '00'],
    ['random, of level 2', `00-${TRACE}-${PARENT}-02`, false, '02'],
    ['sampled and random', `00-${TRACE}-${PARENT}-03`, true, '03'],
    ['flags unknown to us, which are not passed on', `00-${TRACE}-${PARENT}-ff`, true, '03'],
    ['flags unknown to us, not sampled', `00-${TRACE}-${PARENT}-fc`, false, '00'],
    ['a later version', `01-${TRACE}-${PARENT}-01`, true, '01'],
    ['the last version there can be', `fe-${TRACE}-${PARENT}-01`, true, '01'],
    ['a later version with more to it', `cc-${TRACE}-${PARENT}-01-what-the-future-will-be-like`, true, '01'],
    ['a later version with an empty rest', `cc-${TRACE}-${PARENT}-01-`, true, '01'],
  ])('%s', (_, header, sampled, flags) => {
    const trace = new Trace(header);
    expect(trace).toMatchObject({ traceId: TRACE, parentId: PARENT, sampled });
    expect(trace.traceparent).toBe(`00-${TRACE}-${trace.spanId}-${flags}`);
  });
});

describe('a traceparent that is ignored as a whole', () => {
  test.each([
    ['empty', ''],
    ['version ff', `ff-${TRACE}-${PARENT}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['a parent id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['an upper-case trace id', `00-${TRACE.toUpperCase()}-${PARENT}-01`],
    ['an upper-case parent id', `00-${TRACE}-${PARENT.toUpperCase()}-01`],
    ['an upper-case version', `CC-${TRACE}-${PARENT}-01`],
    ['upper-case flags', `00-${TRACE}-${PARENT}-0A`],
    ['a version of one digit', `0-${TRACE}-${PARENT}-01`],
    ['a version of three digits', `000-${TRACE}-${PARENT}-01`],
    ['a trace id too short', `00-${TRACE.slice(1)}-${PARENT}-01`],
    ['a trace id too long', `00-${TRACE}0-${PARENT}-01`],
    ['a parent id too short', `00-${TRACE}-${PARENT.slice(1)}-01`],
    ['a parent id too long', `00-${TRACE}-${PARENT}0-01`],
    ['flags of one digit', `00-${TRACE}-${PARENT}-1`],
    ['flags of three digits', `00-${TRACE}-${PARENT}-001`],
    ['no flags', `00-${TRACE}-${PARENT}`],
    ['letters that are no digits', `00-${TRACE.slice(1)}g-${PARENT}-01`],
    ['another separator', VALID.replaceAll('-', '_')],
    ['more after version 00', `${VALID}-more`],
    ['a dash after version 00', `${VALID}-`],
    ['more after a later version, without a dash', `cc-${TRACE}-${PARENT}-01.what`],
    ['two headers', `${VALID}, ${VALID}`],
    ['two headers of a later version', `cc-${TRACE}-${PARENT}-01-x, cc-${TRACE}-${PARENT}-01-x`],
    ['a line break', `${VALID}\n`],
  ])('%s', (_, header) => {
    const trace = new Trace(header, 'vendor=1');
    expect(trace.traceId).toMatch(/^[\da-f]{32}$/);
    expect(trace.traceId).not.toBe(TRACE);
    expect(trace).toMatchObject({ parentId: undefined, sampled: false, tracestate: undefined });
  });
});

test('without a caller of a trace there is a new one, random and not sampled', () => {
  const trace = new Trace();
  expect(trace.traceparent).toBe(`00-${trace.traceId}-${trace.spanId}-02`);
  expect(new Trace(trace.traceparent)).toMatchObject({ traceId: trace.traceId, parentId: trace.spanId });
});

test('a sampler is told what the caller decided, and decides', () => {
  const asked: unknown[] = [];
  const sampler = (traceId: string, parent?: { readonly sampled: boolean }) => {
    asked.push([traceId, parent?.sampled]);
    return parent === undefined;
  };
  const own = new Trace(undefined, undefined, sampler);
  expect(own.traceparent).toBe(`00-${own.traceId}-${own.spanId}-03`);
  expect(new Trace(VALID, undefined, sampler).sampled).toBe(false);
  expect(asked).toEqual([
    [own.traceId, undefined],
    [TRACE, true],
  ]);
});

test('a handler gets our span as its parent, and what tracing systems have noted', () => {
  const trace = new Trace(VALID, 'rojo=1, congo=2');
  const traceparent = `00-${TRACE}-${trace.spanId}-01`;
  expect(JSON.parse(requestContext('r-1', trace))).toEqual({
    request_id: 'r-1',
    traceparent,
    tracestate: 'rojo=1,congo=2',
  });
  expect(Object.keys(JSON.parse(requestContext('r"1', new Trace())))).toEqual(['request_id', 'traceparent']);
});

const MEMBERS_32 = Array.from({ length: 32 }, (_, index) => `k${index}=${index}`).join(',');

describe('a tracestate that is kept', () => {
  test.each([
    ['one member', 'rojo=00f067aa0ba902b7', 'rojo=00f067aa0ba902b7'],
    ['several, in their order', 'rojo=1,congo=t61rcWkgMzE', 'rojo=1,congo=t61rcWkgMzE'],
    ['headers that were joined', 'rojo=1, congo=2', 'rojo=1,congo=2'],
    ['blanks and tabs around members', ' \trojo=1 \t,\tcongo=2', 'rojo=1,congo=2'],
    ['empty members', 'rojo=1,,congo=2, ,', 'rojo=1,congo=2'],
    ['keys of tenants', 'fw529a3039@dt=FfsYBw', 'fw529a3039@dt=FfsYBw'],
    ['every character of a key', '0a_-*/@z=1', '0a_-*/@z=1'],
    ['every kind of character of a value', 'a=! #+-<>~b', 'a=! #+-<>~b'],
    [
      'a key and a value of 256 characters are valid, but too long to keep',
      `a=1,${'k'.repeat(256)}=${'v'.repeat(256)}`,
      'a=1',
    ],
    ['32 members', MEMBERS_32, MEMBERS_32],
  ])('%s', (_, header, kept) => {
    expect(validTracestate(header)).toBe(kept);
    expect(new Trace(VALID, header).tracestate).toBe(kept);
  });
});

describe('a tracestate that is dropped, while its traceparent is followed', () => {
  test.each([
    ['empty', ''],
    ['nothing but commas', ', ,'],
    ['33 members', `${MEMBERS_32},a=1`],
    ['no value', 'rojo='],
    ['no sign', 'rojo'],
    ['no key', '=1'],
    ['two signs', 'rojo=1=2'],
    ['an upper-case key', 'Rojo=1'],
    ['a key that begins with a sign', '_rojo=1'],
    ['a blank before the sign', 'rojo =1'],
    ['a blank in a key', 'ro jo=1'],
    ['a key of 257 characters', `${'k'.repeat(257)}=1`],
    ['a value of 257 characters', `k=${'v'.repeat(257)}`],
    ['a control character', 'rojo=\u0001'],
    ['a letter beyond ASCII', 'rojo=é'],
    ['the same key twice', 'rojo=1,congo=2,rojo=3'],
    ['one bad member among good ones', 'rojo=1,congo'],
  ])('%s', (_, header) => {
    const trace = new Trace(VALID, header);
    expect(trace.tracestate).toBeUndefined();
    expect(trace.traceId).toBe(TRACE);
  });
});

test('of a tracestate above 512 characters long members go first, then the oldest', () => {
  const long = `long=${'x'.repeat(140)}`;
  const short = (key: string) => `${key}=${'x'.repeat(98)}`;
  const members = [short('a'), long, short('b'), short('c'), short('d'), short('e'), short('f')];
  expect(validTracestate(members.join(','))).toBe(['a', 'b', 'c', 'd', 'e'].map(short).join(','));
  expect(validTracestate([short('a'), long, short('b')].join(','))).toBe([short('a'), long, short('b')].join(','));
});

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });

test('whatever comes, what is handed on is valid, names our span, and keeps a valid trace', () => {
  const header = fc.oneof(
    fc.string(),
    fc.tuple(hex(2), hex(32), hex(16), hex(2)).map((fields) => fields.join('-')),
    fc
      .tuple(fc.nat(VALID.length), fc.string({ maxLength: 2 }))
      .map(([at, text]) => VALID.slice(0, at) + text + VALID.slice(at + 1)),
  );
  fc.assert(
    fc.property(header, fc.option(fc.string(), { nil: undefined }), (traceparent, tracestate) => {
      const trace = new Trace(traceparent, tracestate);
      expect(trace.traceparent).toMatch(/^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-0[0-3]$/);
      if (trace.parentId !== undefined) expect(traceparent).toContain(`-${trace.traceId}-${trace.parentId}-`);
      const again = new Trace(trace.traceparent, trace.tracestate);
      expect(again).toMatchObject({ traceId: trace.traceId, parentId: trace.spanId, tracestate: trace.tracestate });
    }),
    { numRuns: 2_000 },
  );
});

test('a tracestate that is kept has at most 32 members and 512 characters, and stays as it is', () => {
  const member = fc.tuple(fc.stringMatching(/^[a-z\d][a-z\d_*/@-]{0,20}$/), fc.stringMatching(/^[!#-+<>~a-z]{1,200}$/));
  fc.assert(
    fc.property(fc.array(member, { maxLength: 40 }), fc.constantFrom(',', ', ', ' ,\t'), (members, separator) => {
      const kept = validTracestate(members.map((parts) => parts.join('=')).join(separator));
      if (kept === undefined) return;
      expect(kept.length).toBeLessThanOrEqual(512);
      expect(kept.split(',').length).toBeLessThanOrEqual(32);
      expect(validTracestate(kept)).toBe(kept);
    }),
  );
});

test('no two ids are the same', () => {
  expect(new Set(Array.from({ length: 5_000 }, newSpanId)).size).toBe(5_000);
});
