/** Schemas put together of parts, lists of values, and types that refer to each other: what of them breaks callers. */
import { describe, expect, test } from 'vitest';
import { breakingChanges } from '../../../runtime/probe/rollout/openapi-changes';
import { Steps, TooManySteps } from '../../../runtime/probe/rollout/steps';
import {
  args,
  documentOf,
  integer,
  type Json,
  list,
  nothing,
  number,
  ofAnswer,
  ofBody,
  record,
  text,
} from './documents';

describe('what schemas say together', () => {
  const mapping = (values: Json) => ({ type: 'object', additionalProperties: values });
  const parts = { allOf: [record({ a: number }), record({ b: text })] };
  const boolean = { type: 'boolean' };

  test.each<[string, Json, Json]>([
    ['a record of numbers for a mapping of numbers', mapping(number), record({ a: number, b: number })],
    ['the same members in two parts', record({ a: number, b: text }), parts],
    ['the same members in one part', parts, record({ a: number, b: text })],
    ['a value within the old limits', { type: 'integer', minimum: 1 }, { const: 3 }],
    ['a text that the old pattern fits', { type: 'string', pattern: '^a' }, { enum: ['ab', 'ac'] }],
    ['a list that the old schema fits', list(number, { maxItems: 2 }), { const: [1, 2] }],
    ['an object that the old schema fits', record({ a: number }), { const: { a: 1 } }],
    [
      'what both of two limits allow',
      { type: 'integer', minimum: 3 },
      { allOf: [{ type: 'number', minimum: 3 }, integer] },
    ],
  ])('leaves an answer as it was: %s', (_, before, after) => {
    expect(ofAnswer(before, after)).toEqual([]);
  });

  test.each<[string, Json, Json, string[]]>([
    ['a text in a mapping of numbers', mapping(number), args({ s: text }), ['$.s was number, and may be string now']],
    ['a member of the second part', parts, record({ a: number }), ['$.b is gone']],
    [
      'a member of the second part narrowed',
      parts,
      { allOf: [record({ a: number }), record({ c: text })] },
      ['$.b is gone'],
    ],
    [
      'a value beyond the old limits',
      { type: 'integer', minimum: 5 },
      { const: 3 },
      ['$ may break its old limit: must be at least 5'],
    ],
    [
      'a text that the old pattern does not fit',
      { type: 'string', pattern: '^a' },
      { const: 'b' },
      ['$ may break its old limit: must have the pattern ^a'],
    ],
    [
      'what nobody can compare',
      { ...mapping(number), propertyNames: { pattern: '^a' } },
      mapping(number),
      ['$ may break its old limit: must be as its propertyNames says'],
    ],
    [
      'members by a pattern of names',
      { type: 'object', patternProperties: { '^a': number } },
      { type: 'object', patternProperties: { '^a': text } },
      ['$./^a/ was number, and may be string now'],
    ],
  ])('breaks an answer by %s', (_, before, after, changes) => {
    expect(ofAnswer(before, after)).toEqual(changes);
  });

  test.each<[string, Json, Json]>([
    ['both values of a boolean, listed', boolean, { enum: [true, false] }],
    ['both values of a boolean, as alternatives', boolean, { anyOf: [{ const: true }, { const: false }] }],
    ['null, listed', { type: ['string', 'null'] }, { anyOf: [text, { const: null }] }],
    ['a mapping for a record of its values', args({ x: number }), mapping(number)],
    [
      'an optional member beside a pattern',
      { type: 'object', patternProperties: { '^a': number } },
      { type: 'object', patternProperties: { '^a': number } },
    ],
  ])('takes what was taken: %s', (_, before, after) => {
    expect(ofBody(args({ a: before }), args({ a: after }))).toEqual([]);
  });

  test.each<[string, Json, Json, string[]]>([
    ['one value of a boolean', boolean, { const: true }, ['$.a may not be false any more']],
    [
      'a mapping of other values',
      record({ colour: text }),
      mapping(number),
      ['$.a.colour could be string, and must be number now', '$.a.* could be anything, and must be number now'],
    ],
    [
      'a mapping some member of which means something now',
      mapping(number),
      record({ x: text }, []),
      ['$.a.x could be number, and must be string now'],
    ],
    ['a value below a new minimum', { const: 3 }, { type: 'integer', minimum: 5 }, ['$.a must be at least 5 now']],
    [
      'a new pattern of names',
      { type: 'object' },
      { type: 'object', patternProperties: { '^a': number } },
      ['$.a./^a/ must be as a pattern of names says now'],
    ],
    ['a limit without a type', {}, { minimum: 5 }, ['$.a must be at least 5 now']],
    ['what it may not be', text, { type: 'string', not: { const: 'x' } }, ['$.a must be as its not says now']],
    [
      'a second pattern',
      { type: 'string', pattern: 'a' },
      { type: 'string', allOf: [{ pattern: 'a' }, { pattern: 'b' }] },
      ['$.a must have the pattern {"allOf":["a","b"]} now'],
    ],
  ])('takes less by %s', (_, before, after, changes) => {
    expect(ofBody(args({ a: before }), args({ a: after }))).toEqual(changes);
  });

  test('an alternative fits only where all that it refers to does', () => {
    const schemas = (label: Json) => ({
      Tree: record({ label, child: { anyOf: [{ $ref: '#/components/schemas/Node' }, nothing] } }),
      Node: record({ tree: { $ref: '#/components/schemas/Tree' } }),
    });
    const body = args({ a: { $ref: '#/components/schemas/Tree' }, b: { $ref: '#/components/schemas/Node' } });
    const changes = ofBody(body, body, [schemas(text), schemas(integer)]);
    expect(changes).toContain('$.a.label could be string, and must be integer now');
    expect(changes).toContain('$.b.tree.label could be string, and must be integer now');
  });
});

describe('types that refer to each other', () => {
  /** `count` records, each with an optional member of every other one. */
  function knot(count: number, leaf: Json): [Json, Json] {
    const indexes = Array.from({ length: count }, (_, index) => index);
    const schemas = indexes.map((index) => {
      const others = indexes.filter((other) => other !== index);
      const members = others.map((other) => [
        `f${other}`,
        { anyOf: [{ $ref: `#/components/schemas/C${other}` }, nothing] },
      ]);
      return [`C${index}`, args({ ...Object.fromEntries(members), leaf }, [])];
    });
    return [args({ x: { $ref: '#/components/schemas/C0' } }), Object.fromEntries(schemas)];
  }

  const knotted = (leaf: Json, count = 9) => {
    const [body, schemas] = knot(count, leaf);
    return documentOf(body, { $ref: '#/components/schemas/C1' }, schemas);
  };

  test('are compared in steps of their number, whether they changed or not', () => {
    for (const [before, after] of [
      [integer, integer],
      [integer, number],
      [number, integer],
    ] as const) {
      const steps = new Steps(20_000);
      // A description elsewhere keeps the documents from being the same.
      const changes = breakingChanges(knotted(before), { ...knotted(after), info: { title: 'other' } }, steps);
      expect(steps.taken).toBeLessThan(20_000);
      expect(changes.length > 0).toBe(before !== after);
    }
  });

  test('and are the same in both documents cost next to nothing', () => {
    const steps = new Steps(100);
    expect(breakingChanges(knotted(text), { ...knotted(text), info: {} }, steps)).toEqual([]);
    expect(breakingChanges(knotted(text), knotted(text), new Steps(0))).toEqual([]);
  });

  test('in too great a number are given up', () => {
    expect(() => breakingChanges(knotted(integer), knotted(number), new Steps(500))).toThrow(
      new TooManySteps('it would take more than 500 steps'),
    );
  });

  test('alternatives of alternatives are given up before they fill the memory', () => {
    const bits = Array.from({ length: 30 }, (_, bit) => ({ anyOf: [{ minimum: bit }, { maximum: bit }] }));
    const [before, after] = [args({ a: { allOf: bits } }), args({ a: { allOf: [...bits, integer] } })];
    expect(() => breakingChanges(documentOf(before, {}), documentOf(after, {}))).toThrow(TooManySteps);
  });
});

describe('references beside schemas', () => {
  const { paths } = documentOf(args({ a: number }), record({ a: number }));
  const { post } = (paths as Record<string, { post: Json }>)['/predict'] as { post: Json };
  const content = (schema: Json) => ({ content: { 'application/json': { schema } } });
  const withParts = (body: Json, answer: Json) => ({
    paths: {
      '/predict': {
        post: {
          ...post,
          requestBody: { $ref: '#/components/requestBodies/Body' },
          responses: { 200: { $ref: '#/components/responses/Answer' } },
        },
      },
    },
    components: { requestBodies: { Body: content(body) }, responses: { Answer: content(answer) } },
  });

  test('are followed to bodies and answers', () => {
    const before = withParts(args({ a: number }), record({ a: number }));
    expect(breakingChanges(before, withParts(args({ a: integer }), record({})))).toEqual([
      'POST /predict: of the body, $.a could be number, and must be integer now',
      'POST /predict: of the answer, $.a is gone',
    ]);
  });

  test('a key for one operation alone is a key too', () => {
    const locked = (security: Json[]) => ({ paths: { '/predict': { post: { ...post, security } } } });
    const key = (name: string) => ({ [name]: [] });
    expect(breakingChanges(locked([]), locked([key('ApiKey')]))).toEqual(['POST /predict: a key is asked for now']);
    expect(breakingChanges(locked([key('ApiKey')]), locked([key('Jwt')]))).toEqual([
      'POST /predict: another key is asked for now',
    ]);
    expect(breakingChanges(locked([key('ApiKey')]), locked([key('Jwt'), key('ApiKey')]))).toEqual([]);
  });
});
