/** Tensors to arguments and results to tensors, by the schemas of a handler that is described and not run. */
import { describe, expect, test } from 'vitest';
import type { Handler, JsonSchema } from '../../../../runtime/contract/handler';
import { type Datatype, joinBytes, type Tensor } from '../../../../runtime/gateway/datatype';
import { ServingError } from '../../../../runtime/gateway/errors';
import { decodePacked, encodePacked } from '../../../../runtime/gateway/packed';
import { type Arguments, argumentsOf } from '../../../../runtime/gateway/protocols/oip/arguments';
import { modelMetadata } from '../../../../runtime/gateway/protocols/oip/metadata';
import { rawRequest } from '../../../../runtime/gateway/protocols/oip/raw-request';
import type { InputTensor } from '../../../../runtime/gateway/protocols/oip/request';
import { resultsOf } from '../../../../runtime/gateway/protocols/oip/results';
import { Signature } from '../../../../runtime/gateway/protocols/oip/signature';
import { elementTexts } from '../../../../runtime/gateway/protocols/oip/write-data';
import { compileCheck } from '../../../../runtime/gateway/validate';

const NUMBER = { type: 'number' };
const INTEGER = { type: 'integer' };
const STRING = { type: 'string' };
const list = (items: JsonSchema, rest: object = {}) => ({ type: 'array', items, ...rest });

interface Described {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly output?: JsonSchema;
  readonly batch?: boolean;
  readonly arrays?: Handler['arrays'];
}

function model({ properties = {}, $defs = {}, required = Object.keys(properties), output = {}, ...rest }: Described) {
  const input = { type: 'object', properties, required, additionalProperties: false, $defs };
  const handler = { batch: false, arrays: {}, ...rest, input, output } as unknown as Handler;
  const signature = new Signature(handler);
  const check = compileCheck(input);
  return { signature, take: (...inputs: InputTensor[]) => argumentsOf(inputs, signature, check, 100) };
}

const named = (name: string, tensor: Tensor, parameters = {}): InputTensor => ({ name, parameters, ...tensor });
const of = (datatype: Datatype, shape: number[], { buffer }: NodeJS.TypedArray): Tensor => ({
  datatype,
  shape,
  bytes: Buffer.from(buffer),
});
const floats = (shape: number[], ...values: number[]) => of('FP32', shape, Float32Array.from(values));
const longs = (shape: number[], ...values: bigint[]) => of('INT64', shape, BigInt64Array.from(values));
const strings = (shape: number[], ...values: string[]): Tensor => ({
  datatype: 'BYTES',
  shape,
  bytes: joinBytes(values.map((value) => Buffer.from(value))),
});

const text = ({ body, isPacked }: Arguments) => {
  expect(isPacked).toBe(false);
  return body.toString();
};

function refusal(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    expect((error as ServingError).code).toMatch(/^(bad_request|invalid_input)$/);
    return (error as ServingError).message;
  }
  throw new Error('it was accepted');
}

describe('a tensor becomes', () => {
  test.each([[[]], [[1]], [[1, 1]]])('a scalar of a parameter that is one, with the shape %j', (shape) => {
    const { take } = model({ properties: { x: NUMBER } });
    expect(text(take(named('x', floats(shape, 2))))).toBe('{"x":2.0}');
  });

  test('nested arrays of its shape, with every digit of its integers', () => {
    const { take } = model({ properties: { x: list(list(INTEGER)) } });
    expect(text(take(named('x', longs([2, 1], 2n ** 53n + 1n, -1n))))).toBe('{"x":[[9007199254740993],[-1]]}');
  });

  test('whatever it is, where the parameter has no type', () => {
    const { take } = model({ properties: { x: {}, y: {} } });
    const mask = { datatype: 'BOOL', shape: [2], bytes: Buffer.from([1, 0]) } as const;
    expect(text(take(named('x', mask), named('y', strings([1], 'é"'))))).toBe('{"x":[true,false],"y":["é\\""]}');
  });

  test('objects, from strings of JSON: by the schema, or as the request says', () => {
    const { take } = model({ properties: { place: { type: 'object' }, items: list({ type: 'object' }), any: {} } });
    const inputs = [
      named('place', strings([1], '{"id": 12345678901234567890}')),
      named('items', strings([2], '{"a":1.0}', '{}')),
      named('any', strings([1], '[1, "two"]'), { content_type: 'json' }),
    ];
    expect(text(take(...inputs))).toBe(
      '{"place":{"id": 12345678901234567890},"items":[{"a":1.0},{}],"any":[1, "two"]}',
    );
    expect(text(take(named('items', strings([1], '{}')), ...inputs.filter(({ name }) => name !== 'items')))).toContain(
      '"items":[{}]',
    );
    expect(refusal(() => take(named('place', strings([1], '{'))))).toContain('missing');
    expect(refusal(() => take(named('place', strings([1], '{')), ...inputs.slice(1)))).toContain('is not JSON');
  });

  test('an argument of any name, where there is one of each', () => {
    expect(text(model({ properties: { x: NUMBER } }).take(named('input-0', floats([1], 1))))).toBe('{"x":1.0}');
  });

  test('a packed array where the handler takes one, not a number of which is touched', () => {
    const { take } = model({ properties: { x: list(NUMBER), scale: NUMBER }, arrays: { x: 'FP64' } });
    const tensor = floats([3], 1, Number.NaN, -0);
    const packed = take(named('scale', floats([1], 2)), named('x', tensor));
    expect([packed.isPacked, packed.rows]).toEqual([true, undefined]);
    expect(decodePacked(packed.body)).toEqual({ values: '{"scale":2.0}', arrays: new Map([['x', tensor]]) });
  });

  test('a packed array where it is large, and of numbers', () => {
    const { take } = model({ properties: { x: list(INTEGER) } });
    expect(take(named('x', longs([2], 1n, 2n))).isPacked).toBe(false);
    const large = { datatype: 'INT64', shape: [8192], bytes: Buffer.alloc(65_536) } as const;
    expect(take(named('x', large)).isPacked).toBe(true);
  });
});

describe('a tensor is refused', () => {
  const { take } = model({
    properties: { x: list(NUMBER), n: { ...INTEGER, minimum: 1 }, pair: list(INTEGER, { minItems: 2, maxItems: 2 }) },
    required: ['x'],
  });
  const x = named('x', floats([1], 1));

  test.each<[string, InputTensor[], string]>([
    ['of an unknown name', [x, named('y', floats([1], 1))], "There is no input 'y'; there are: 'x', 'n', 'pair'."],
    ['when another is missing', [named('n', longs([1], 1n))], "The input 'x' is missing."],
    ['of strings for numbers', [named('x', strings([1], '1'))], 'is BYTES; predict() takes FP64 there'],
    ['of floats for integers', [x, named('n', floats([1], 1))], 'is FP32; predict() takes INT64'],
    [
      'of too many dimensions',
      [named('x', floats([1, 2], 1, 2))],
      'the shape [1,2]; predict() takes the shape [-1] there',
    ],
    ['of several values for one', [x, named('n', longs([2], 1n, 2n))], 'takes a single value there'],
    ['of another length', [x, named('pair', longs([3], 1n, 2n, 3n))], 'takes the shape [2] there'],
    ['whose value is out of bounds', [x, named('n', longs([1], 0n))], '$.n: must be >= 1, got 0'],
    ['of a number that JSON has not', [named('x', floats([1], Number.NaN))], 'element 0 is NaN'],
  ])('%s', (_, inputs, message) => {
    expect(refusal(() => take(...inputs))).toContain(message);
  });

  test('with more empty lists than anyone needs', () => {
    const any = model({ properties: { x: {} } });
    expect(refusal(() => any.take(named('x', floats([1e9, 0]))))).toContain('empty lists');
    expect(text(any.take(named('x', floats([2, 0, 3]))))).toBe('{"x":[[],[]]}');
  });
});

describe('rows', () => {
  const properties = { x: list(NUMBER, { minItems: 2, maxItems: 2 }), label: { ...STRING, maxLength: 2 } };
  const { take, signature } = model({ properties, batch: true, output: NUMBER });

  test('of a batch are one packed request, when every tensor has one dimension more', () => {
    const rows = [named('x', floats([2, 2], 1, 2, 3, 4)), named('label', strings([2], 'a', 'bc'))];
    const packed = take(...rows);
    expect(packed).toMatchObject({ isPacked: true, rows: 2 });
    expect(decodePacked(packed.body)).toMatchObject({ values: '{}', rows: 2, arrays: { size: 2 } });
  });

  test('are judged one by one while they are small', () => {
    const rows = [named('x', floats([2, 2], 1, 2, 3, 4)), named('label', strings([2], 'a', 'long'))];
    expect(refusal(() => take(...rows))).toContain('$[1].label: expected at most 2 characters');
  });

  test('are none, when the tensors are those of one row', () => {
    expect(take(named('x', floats([2], 1, 2)), named('label', strings([], 'a'))).rows).toBeUndefined();
  });

  test('are refused when they are 0, or JSON', () => {
    expect(refusal(() => take(named('x', floats([0, 2])), named('label', strings([0]))))).toContain('no rows');
    const object = model({ properties: { x: { type: 'object' } }, batch: true });
    expect(refusal(() => object.take(named('x', strings([2], '{}', '{}'))))).toContain('send its rows apart');
  });

  test('come back along the first axis of every output', () => {
    const result = (value: string) => resultsOf({ kind: 'json', body: Buffer.from(value) }, signature, 2);
    expect(result('[1, 2.5]')).toMatchObject([{ name: 'output', datatype: 'FP64', shape: [2] }]);
    expect(result('[[1],[2]]')).toMatchObject([{ name: 'output', datatype: 'FP64', shape: [2, 1] }]);
    expect(result('[[1],[2,3]]')).toMatchObject([{ datatype: 'BYTES', shape: [2], isJson: true }]);
    expect(result('[{"a":1,"b":"x"},{"a":2,"b":"y"}]')).toMatchObject([
      { name: 'a', datatype: 'INT64', shape: [2] },
      { name: 'b', datatype: 'BYTES', shape: [2] },
    ]);
    expect(result('[{"a":1},{"b":2}]')).toMatchObject([
      { name: 'output', datatype: 'BYTES', shape: [2], isJson: true },
    ]);
    expect(() => result('[1]')).toThrow(ServingError);
  });
});

describe('a result becomes', () => {
  const { signature } = model({});
  const one = (value: string, output: JsonSchema = {}) => {
    const made = resultsOf({ kind: 'json', body: Buffer.from(value) }, model({ output }).signature);
    return made.map(({ name, datatype, shape, isJson, bytes }) => {
      const json = isJson ? ' json' : '';
      return `${name} ${datatype}[${shape}]${json} ${elementTexts({ datatype, shape, bytes })}`;
    });
  };

  test.each<[string, string[]]>([
    ['1', ['output INT64[1] 1']],
    ['1.0', ['output FP64[1] 1.0']],
    ['[1, 2.5]', ['output FP64[2] 1.0,2.5']],
    ['[[1,2],[3,4],[5,6]]', ['output INT64[3,2] 1,2,3,4,5,6']],
    ['[true,false]', ['output BOOL[2] true,false']],
    ['"a"', ['output BYTES[1] "a"']],
    ['["a","bc"]', ['output BYTES[2] "a","bc"']],
    ['9223372036854775808', ['output UINT64[1] 9223372036854775808']],
    ['[18446744073709551616]', ['output BYTES[1] json "[18446744073709551616]"']],
    ['[-1, 9223372036854775808]', ['output BYTES[1] json "[-1,9223372036854775808]"']],
    ['null', ['output BYTES[1] json "null"']],
    ['[[1],[2,3.0]]', ['output BYTES[1] json "[[1],[2,3.0]]"']],
    ['[1,"a"]', ['output BYTES[1] json "[1,\\"a\\"]"']],
    ['[]', ['output FP64[0] ']],
    ['[[],[]]', ['output FP64[2,0] ']],
    ['{}', []],
    ['{"b":1,"a":{"deep":1.0}}', ['b INT64[1] 1', 'a BYTES[1] json "{\\"deep\\":1.0}"']],
  ])('%s: %j', (value, tensors) => {
    expect(one(value)).toEqual(tensors);
  });

  test('what the schema says, where it says it', () => {
    expect(one('1', NUMBER)).toEqual(['output FP64[1] 1.0']);
    expect(one('[]', list(STRING))).toEqual(['output BYTES[0] ']);
    const record = { type: 'object', properties: { p: list(NUMBER), id: INTEGER } };
    expect(one('{"id":9007199254740993,"p":[1,0.5],"extra":1}', record)).toEqual([
      'p FP64[2] 1.0,0.5',
      'id INT64[1] 9007199254740993',
      'extra INT64[1] 1',
    ]);
    expect(one('{"a":1}', { type: 'object', additionalProperties: NUMBER })).toEqual(['a FP64[1] 1.0']);
  });

  test('its arrays as they are, when it came packed', () => {
    const scores = floats([1, 2], 1, 2);
    const body = encodePacked({ values: '{"label":"a"}', arrays: new Map([['scores', scores]]) });
    expect(resultsOf({ kind: 'packed', body }, signature)).toMatchObject([
      { name: 'label', datatype: 'BYTES', shape: [1] },
      { name: 'scores', ...scores },
    ]);
  });
});

describe('a raw request', () => {
  const raw = (described: Described, bytes: number) => rawRequest(Buffer.alloc(bytes, 1), model(described).signature);
  const x = (schema: JsonSchema, arrays: Handler['arrays'] = {}): Described => ({ properties: { x: schema }, arrays });

  test('has the shape that its size leaves', () => {
    const matrix = x(list(list(NUMBER, { minItems: 2, maxItems: 2 })), { x: 'FP32' });
    expect(raw(matrix, 24)).toMatchObject({
      binaryOutput: true,
      inputs: [{ name: 'x', datatype: 'FP32', shape: [3, 2] }],
    });
    expect(raw({ ...matrix, batch: true }, 24).inputs[0]?.shape).toEqual([1, 3, 2]);
    expect(raw(x(INTEGER), 8).inputs).toMatchObject([{ datatype: 'INT64', shape: [] }]);
    expect(raw(x(STRING), 2).inputs[0]?.bytes).toEqual(Buffer.from([2, 0, 0, 0, 1, 1]));
  });

  test('is refused where its size tells too little', () => {
    expect(refusal(() => raw(x(list(list(NUMBER))), 8))).toContain('has 2 dimensions of any length');
    expect(refusal(() => raw(x(list(NUMBER)), 7))).toContain('has 7 bytes, which is no FP64 of the shape [-1]');
    expect(refusal(() => raw(x(INTEGER), 16))).toContain('16 bytes');
    expect(refusal(() => raw(x(list(STRING)), 8))).toContain('more than one string');
    expect(refusal(() => raw({ properties: { x: NUMBER, y: NUMBER } }, 8))).toContain('this one has 2');
  });
});

test('a model is described by its schemas, whatever they refer to', () => {
  const nullable = { anyOf: [{ $ref: '#/$defs/Matrix' }, { type: 'null' }] };
  const described = {
    properties: {
      x: list(NUMBER),
      m: nullable,
      o: { type: 'object' },
      u: { type: ['string', 'integer'] },
      f: { type: ['boolean', 'null'] },
    },
    $defs: { Matrix: list(list(INTEGER)), Tree: { $ref: '#/$defs/Tree' } },
    output: { $ref: '#/$defs/Out', $defs: { Out: { type: 'object', properties: { y: NUMBER, z: list(STRING) } } } },
    arrays: { x: 'FP32' as const },
  };
  const handler = model(described);
  expect(modelMetadata({ name: 'iris', version: '7' }, handler.signature)).toEqual({
    name: 'iris',
    versions: ['7'],
    platform: 'model-api_python',
    inputs: [
      { name: 'x', datatype: 'FP32', shape: [-1] },
      { name: 'm', datatype: 'INT64', shape: [-1, -1] },
      { name: 'o', datatype: 'BYTES', shape: [1], parameters: { content_type: 'json' } },
      { name: 'u', datatype: 'BYTES', shape: [-1] },
      { name: 'f', datatype: 'BOOL', shape: [1] },
    ],
    outputs: [
      { name: 'y', datatype: 'FP64', shape: [1] },
      { name: 'z', datatype: 'BYTES', shape: [-1] },
    ],
  });
  const batched = model({ properties: { x: list(NUMBER), n: INTEGER }, batch: true, output: NUMBER });
  expect(modelMetadata({ name: 'iris' }, batched.signature)).toMatchObject({
    inputs: [{ shape: [-1, -1] }, { shape: [-1] }],
    outputs: [{ name: 'output', shape: [-1] }],
  });
});
