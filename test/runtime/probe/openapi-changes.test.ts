/** What of a new contract breaks those who call by the old one, and what does not. */
import { describe, expect, test } from 'vitest';
import { breakingChanges } from '../../../runtime/probe/rollout/openapi-changes';
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

describe('what callers send', () => {
  test.each<[string, Json, Json, string[]]>([
    ['a new required argument', args({ a: number }), args({ a: number, b: text }), ['$.b is required now']],
    ['an argument that became required', args({ a: number }, []), args({ a: number }), ['$.a is required now']],
    ['an argument that is gone', args({ a: number, b: text }), args({ a: number }), ['$.b is not taken any more']],
    [
      'an integer for a number',
      args({ a: number }),
      args({ a: integer }),
      ['$.a could be number, and must be integer now'],
    ],
    ['another type', args({ a: text }), args({ a: list(text) }), ['$.a could be string, and must be array now']],
    [
      'a value that may not be null any more',
      args({ a: { type: ['string', 'null'] } }),
      args({ a: text }),
      ['$.a could be null, and must be string now'],
    ],
    ['anything narrowed', args({ a: {} }), args({ a: text }), ['$.a could be anything, and must be string now']],
    [
      'values that are listed now',
      args({ a: text }),
      args({ a: { type: 'string', enum: ['x', 'y'] } }),
      ['$.a must be one of "x", "y" now'],
    ],
    [
      'a listed value that is gone',
      args({ a: { type: 'string', enum: ['x', 'y'] } }),
      args({ a: { type: 'string', enum: ['x'] } }),
      ['$.a may not be "y" any more'],
    ],
    [
      'a higher minimum',
      args({ a: { type: 'number', minimum: 0 } }),
      args({ a: { type: 'number', exclusiveMinimum: 0 } }),
      ['$.a must be above 0 now'],
    ],
    [
      'a first maximum',
      args({ a: integer }),
      args({ a: { type: 'integer', maximum: 9 } }),
      ['$.a must be at most 9 now'],
    ],
    [
      'a multiple',
      args({ a: integer }),
      args({ a: { type: 'integer', multipleOf: 5 } }),
      ['$.a must be a multiple of 5 now'],
    ],
    [
      'a longer text',
      args({ a: text }),
      args({ a: { type: 'string', minLength: 3 } }),
      ['$.a must have at least 3 characters now'],
    ],
    [
      'a shorter list',
      args({ a: list(number) }),
      args({ a: list(number, { maxItems: 4 }) }),
      ['$.a must have at most 4 items now'],
    ],
    [
      'a pattern',
      args({ a: text }),
      args({ a: { type: 'string', pattern: '^a' } }),
      ['$.a must have the pattern ^a now'],
    ],
    [
      'items of a list narrowed',
      args({ a: list(number) }),
      args({ a: list(integer) }),
      ['$.a[] could be number, and must be integer now'],
    ],
    [
      'members of a mapping narrowed',
      args({ a: { type: 'object', additionalProperties: number } }),
      args({ a: { type: 'object', additionalProperties: integer } }),
      ['$.a.* could be number, and must be integer now'],
    ],
    [
      'members that nobody names any more',
      { type: 'object', properties: {}, required: [] },
      args({}),
      ['$ takes no further members any more'],
    ],
    [
      'one alternative of several narrowed',
      args({ a: { anyOf: [list(text), record({ x: number }), record({ y: number })] } }),
      args({ a: { anyOf: [list(text), record({ x: number, z: number }), record({ y: number, z: number })] } }),
      ['$.a fits none of its alternatives now'],
    ],
    [
      'a place of a tuple narrowed',
      args({ a: { type: 'array', prefixItems: [text, number], items: false, minItems: 2, maxItems: 2 } }),
      args({ a: { type: 'array', prefixItems: [text, integer], items: false, minItems: 2, maxItems: 2 } }),
      ['$.a[1] could be number, and must be integer now'],
    ],
  ])('breaks by %s', (_, before, after, changes) => {
    expect(ofBody(before, after)).toEqual(changes);
  });

  test.each<[string, Json, Json]>([
    ['nothing', args({ a: number }), args({ a: number })],
    ['a new optional argument', args({ a: number }), args({ a: number, b: text }, ['a'])],
    ['an argument that became optional', args({ a: number }), args({ a: number }, [])],
    ['a number for an integer', args({ a: integer }), args({ a: number })],
    ['null beside the value', args({ a: text }), args({ a: { type: ['string', 'null'] } })],
    ['a further listed value', args({ a: { enum: ['x'] } }), args({ a: { enum: ['x', 'y'] } })],
    ['any text for listed ones', args({ a: { enum: ['x', null] } }), args({ a: { type: ['string', 'null'] } })],
    ['lower limits', args({ a: { type: 'number', minimum: 1, maximum: 2 } }), args({ a: number })],
    [
      'a description and a default',
      args({ a: number }, []),
      args({ a: { ...number, description: 'of a', default: 1 } }, []),
    ],
    ['anything at all', args({ a: number }), args({ a: {} })],
    ['further members', args({ a: number }), record({ a: number })],
    ['one more alternative', args({ a: text }), args({ a: { anyOf: [list(text), text] } })],
    [
      'a list for a tuple',
      args({ a: { type: 'array', prefixItems: [text], items: false, minItems: 1, maxItems: 1 } }),
      args({ a: list(text) }),
    ],
  ])('is not broken by %s', (_, before, after) => {
    expect(ofBody(before, after)).toEqual([]);
  });

  test('is read through references and what stands beside them', () => {
    const point = (schema: Json) => ({ Point: schema });
    const body = args({ a: { $ref: '#/components/schemas/Point', description: 'where' } });
    expect(ofBody(body, body, [point(args({ x: number })), point(args({ x: integer }))])).toEqual([
      '$.a.x could be number, and must be integer now',
    ]);
    const renamed = args({ a: { $ref: '#/components/schemas/Place' } });
    expect(ofBody(body, renamed, [point(args({ x: number })), { Place: args({ x: number }) }])).toEqual([]);
  });

  test('may refer to itself', () => {
    const tree = (label: Json) => ({ Tree: args({ label, children: list({ $ref: '#/components/schemas/Tree' }) }) });
    const body = args({ a: { $ref: '#/components/schemas/Tree' } });
    expect(ofBody(body, body, [tree(text), tree(text)])).toEqual([]);
    expect(ofBody(body, body, [tree(text), tree(integer)])).toEqual([
      '$.a.label could be string, and must be integer now',
    ]);
  });
});

describe('what callers get', () => {
  test.each<[string, Json, Json, string[]]>([
    ['a member that is gone', record({ a: number, b: text }), record({ a: number }), ['$.b is gone']],
    ['an optional member that is gone', record({ a: number, b: text }, ['a']), record({ a: number }), ['$.b is gone']],
    ['a member that may be missing', record({ a: number }), record({ a: number }, []), ['$.a may be missing now']],
    [
      'a number for an integer',
      record({ a: integer }),
      record({ a: number }),
      ['$.a was integer, and may be number now'],
    ],
    ['null beside the value', text, { type: ['string', 'null'] }, ['$ was string, and may be null now']],
    ['anything at all', text, {}, ['$ was string, and may be anything now']],
    ['a further listed value', { enum: ['x'] }, { enum: ['x', 'y'] }, ['$ may be "y" now']],
    ['any text for listed ones', { enum: ['x'] }, text, ['$ was one of "x", and may be another now']],
    [
      'a higher limit',
      record({ a: { type: 'number', maximum: 1 } }),
      record({ a: { type: 'number', maximum: 100 } }),
      ['$.a may break its old limit: must be at most 1'],
    ],
    ['items of another type', list(number), list(text), ['$[] was number, and may be string now']],
    [
      'members of a mapping of another type',
      { type: 'object', additionalProperties: number },
      { type: 'object', additionalProperties: text },
      ['$.* was number, and may be string now'],
    ],
    ['one value for a list', list(number), number, ['$ was array, and may be number now']],
  ])('breaks by %s', (_, before, after, changes) => {
    expect(ofAnswer(before, after)).toEqual(changes);
  });

  test.each<[string, Json, Json]>([
    ['nothing', record({ a: number }), record({ a: number })],
    ['further members', record({ a: number }), record({ a: number, b: text })],
    ['a member that is always there now', record({ a: number }, []), record({ a: number })],
    ['an integer for a number', number, integer],
    ['never null any more', { anyOf: [record({ a: number }), nothing] }, record({ a: number })],
    ['fewer listed values', { enum: ['x', 'y'] }, { enum: ['x'] }],
    ['a type where none was said', {}, record({ a: number })],
  ])('is not broken by %s', (_, before, after) => {
    expect(ofAnswer(before, after)).toEqual([]);
  });
});

describe('a document', () => {
  const document = documentOf(args({ a: number }), number);
  const operation = (document.paths as Record<string, { post: Json }>)['/predict']?.post as Json;
  const changed = (change: Json) => ({ ...document, paths: { '/predict': { post: { ...operation, ...change } } } });

  test('breaks by a path or a method that is gone, and not by a new one', () => {
    expect(breakingChanges(document, { ...document, paths: {} })).toEqual(['POST /predict is gone']);
    const more = { ...document, paths: { ...(document.paths as Json), '/explain': { get: { responses: {} } } } };
    expect(breakingChanges(document, more)).toEqual([]);
    expect(breakingChanges(more, document)).toEqual(['GET /explain is gone']);
  });

  test('breaks by a key that is asked for now, and not by one that is not asked for any more', () => {
    const locked = { ...document, security: [{ ApiKey: [] }] };
    expect(breakingChanges(document, locked)).toEqual(['POST /predict: a key is asked for now']);
    expect(breakingChanges(locked, document)).toEqual([]);
  });

  test('breaks by a body or a header that is required now', () => {
    const optional = changed({ requestBody: { ...(operation.requestBody as Json), required: false } });
    expect(breakingChanges(optional, document)).toEqual(['POST /predict: a body is required now']);
    const parameter = { name: 'X-Tenant', in: 'header', required: true, schema: text };
    expect(breakingChanges(document, changed({ parameters: [parameter] }))).toEqual([
      'POST /predict: the header parameter X-Tenant is required now',
    ]);
  });

  test('breaks by a media type that is gone', () => {
    const stream = { 200: { content: { 'text/event-stream': { schema: text } } } };
    expect(breakingChanges(document, changed({ responses: stream }))).toEqual([
      'POST /predict: application/json is not answered any more',
    ]);
  });

  test('of another form than ours breaks nobody who could be named', () => {
    for (const other of [{}, { paths: 1 }, [], 'text', null]) expect(breakingChanges(other, document)).toEqual([]);
  });
});
