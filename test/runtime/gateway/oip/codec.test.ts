/** Every data type and shape, through JSON and through bytes; and bodies that no client should have sent. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinBytes, type Tensor } from '../../../../runtime/gateway/datatype';
import { ServingError } from '../../../../runtime/gateway/errors';
import { fromHalf, toHalf } from '../../../../runtime/gateway/protocols/oip/half';
import {
  headBytes,
  type InferRequest,
  MOST_STRINGS,
  readRequest,
} from '../../../../runtime/gateway/protocols/oip/request';
import { writeResponse } from '../../../../runtime/gateway/protocols/oip/response';
import { elementTexts, NotJson, nest } from '../../../../runtime/gateway/protocols/oip/write-data';
import { allFinite, DATATYPES, tensorOf, tensors } from './tensors';

const MAX_DEPTH = 100;

interface Entry {
  readonly [member: string]: unknown;
}

function read(text: string): InferRequest {
  const body = Buffer.from(text);
  return readRequest(body, body.length, MAX_DEPTH);
}

const json = (tensor: Entry) => read(JSON.stringify({ inputs: [{ name: 'x', ...tensor }] }));
const one = (datatype: string, data: unknown, shape?: unknown) =>
  json({ datatype, shape: shape ?? [(data as unknown[]).length], data }).inputs[0] as Tensor;

function binary(tensor: Tensor, size = tensor.bytes.length): Buffer {
  const { datatype, shape } = tensor;
  const parameters = { binary_data_size: size };
  return Buffer.from(JSON.stringify({ inputs: [{ name: 'x', datatype, shape, parameters }] }));
}

/** What it is refused with; fails when it is not. */
function refusal(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(ServingError);
    expect((error as ServingError).code).toMatch(/^(bad_request|invalid_json)$/);
    return (error as ServingError).message;
  }
  throw new Error('it was accepted');
}

describe('a tensor', () => {
  test.each(DATATYPES)('of %s comes back from flat and from nested JSON', (datatype) => {
    const finite = tensorOf(datatype).filter(allFinite);
    fc.assert(
      fc.property(finite, (tensor) => {
        const texts = elementTexts(tensor);
        for (const data of [`[${texts}]`, nest(texts, tensor.shape)]) {
          const text = `{"inputs":[{"name":"x","datatype":"${datatype}","shape":[${tensor.shape}],"data":${data}}]}`;
          expect(read(text).inputs[0]?.bytes).toEqual(tensor.bytes);
        }
      }),
    );
  });

  test('of any type is a view of a binary body, whatever its bits and wherever it lies', () => {
    fc.assert(
      fc.property(tensors, fc.nat({ max: 7 }), (tensor, shift) => {
        const head = binary(tensor);
        const body = Buffer.concat([Buffer.alloc(shift), head, tensor.bytes]).subarray(shift);
        const [input] = readRequest(body, head.length, MAX_DEPTH).inputs;
        expect(input).toMatchObject({ datatype: tensor.datatype, shape: tensor.shape });
        expect(input?.bytes).toEqual(tensor.bytes);
        if (tensor.bytes.length > 0) expect(input?.bytes.buffer).toBe(body.buffer);
        if (allFinite(tensor)) expect(elementTexts(input as Tensor)).toEqual(elementTexts(tensor));
      }),
    );
  });

  test('of 64-bit integers keeps every digit', () => {
    const text =
      '{"inputs":[{"name":"x","datatype":"INT64","shape":[3],"data":[9007199254740993,-9223372036854775808,1]}]}';
    expect(elementTexts(read(text).inputs[0] as Tensor)).toEqual(['9007199254740993', '-9223372036854775808', '1']);
    const largest = text.replace('INT64', 'UINT64').replace(/\[90.*?\]/, '[18446744073709551615,0,1]');
    expect(elementTexts(read(largest).inputs[0] as Tensor)[0]).toBe('18446744073709551615');
  });

  test('may stand in more brackets than it has dimensions, as long as it is nested like its shape', () => {
    expect(one('INT8', [[[[1, 2]]]], [2, 1]).bytes).toEqual(Buffer.from([1, 2]));
    expect(one('INT8', 7, []).bytes).toEqual(Buffer.from([7]));
    expect(
      refusal(() =>
        one(
          'INT8',
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
          [3, 2],
        ),
      ),
    ).toContain('nested as [2,3], its shape is [3,2]');
    expect(refusal(() => one('INT8', [[1], [2, 3]], [3]))).toContain('unevenly');
    expect(
      refusal(() => json({ datatype: 'INT8', shape: [1], data: JSON.parse(`${'['.repeat(120)}1${']'.repeat(120)}`) })),
    ).toContain('nested');
    expect(
      refusal(() =>
        read(
          `{"inputs":[{"name":"x","datatype":"INT64","shape":[1],"data":[12345678901234567890${',[1'.repeat(100_000)}${']'.repeat(100_000)}]}]}`,
        ),
      ),
    ).toContain('nested');
  });
});

test.each([
  ['UINT8', [0, 300], 'element 1 is 300, which UINT8 does not hold'],
  ['UINT16', [-1], 'element 0 is -1'],
  ['UINT32', [2 ** 32], 'UINT32'],
  ['INT8', [1.5], '1.5'],
  ['INT16', ['1'], '"1"'],
  ['INT32', [2 ** 31], 'INT32'],
  ['INT32', [null], 'null'],
  ['INT64', [2 ** 63], '9223372036854776000'],
  ['UINT64', [-1], 'UINT64'],
  ['UINT64', [2 ** 64], '18446744073709552000'],
  ['FP16', [65520], 'FP16'],
  ['FP32', [1e39], '1e+39'],
  ['FP64', [true], 'true'],
  ['BOOL', [1], 'BOOL'],
  ['BYTES', [1], 'BYTES'],
  ['BYTES', ['\ud800'], ''],
  ['BYTES', [{}], 'an object'],
])('%s does not hold %j', (datatype, data, message) => {
  expect(refusal(() => one(datatype, data))).toContain(message);
});

test('numbers of 16 bits are the nearest ones, and each is itself again', () => {
  for (let half = 0; half < 0x10000; half += 1) {
    const value = fromHalf(half);
    expect(toHalf(value)).toBe(Number.isNaN(value) ? 0x7e00 : half);
  }
  expect([1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 2 ** -25 * 1.01, 65519.99, 65520].map(toHalf)).toEqual([
    0x3c00, 0x3c02, 0, 1, 0x7bff, 0x7c00,
  ]);
});

describe('the header that counts the bytes of JSON', () => {
  test.each(['', 'abc', '-1', '+5', '0x10', '1 0', '5, 5', '5.0', '1e1', '99999999999', '2147483648', '11'])(
    '%j is refused',
    (value) => {
      expect(refusal(() => headBytes(value, 10))).toMatch(/^Inference-Header-Content-Length must be .*, got '/);
    },
  );

  test('may be absent, 0, and as large as the body', () => {
    expect([undefined, '0', '007', '10'].map((value) => headBytes(value, 10))).toEqual([10, 0, 7, 10]);
  });
});

const ten = { datatype: 'FP32', shape: [1], data: [1] };

test.each<[string, Entry | string, string]>([
  ['an empty body', '', 'empty'],
  ['what is no JSON', '{"inputs"', 'JSON'],
  ['an array', '[]', 'no JSON object'],
  ['a request without inputs', '{}', "no 'inputs'"],
  ['inputs that are no array', '{"inputs":{}}', "'inputs' are no array"],
  ['an input that is no object', '{"inputs":[1]}', 'inputs[0] is no object'],
  ['an input without a name', '{"inputs":[{}]}', "its 'name' is no string"],
  ['an id that is no string', '{"id":1,"inputs":[]}', "'id' is no string"],
  ['parameters that are no object', '{"parameters":[],"inputs":[]}', "'parameters' are no object"],
  ['a parameter that is an object', { ...ten, parameters: { a: {} } }, "parameter 'a' must be"],
  ['a parameter of the wrong type', '{"parameters":{"binary_data_output":1},"inputs":[]}', 'must be true or false'],
  ['an output twice', '{"inputs":[],"outputs":[{"name":"y"},{"name":"y"}]}', "output 'y' is there more than once"],
  [
    'an input twice',
    JSON.stringify({ inputs: [ten, ten].map((input) => ({ ...input, name: 'x' })) }),
    'more than once',
  ],
  ['BF16', { ...ten, datatype: 'BF16' }, 'BF16 is not supported; send FP32'],
  ['an unknown data type', { ...ten, datatype: 'toString' }, 'datatype'],
  ['no shape', { ...ten, shape: undefined }, "'shape' is no array"],
  ['a negative dimension', { ...ten, shape: [2, -5] }, 'whole numbers from 0 up'],
  ['a dimension with a fraction', { ...ten, shape: [1.5] }, 'whole numbers'],
  ['a dimension that is text', { ...ten, shape: ['1'] }, 'whole numbers'],
  ['a product that overflows', { ...ten, shape: [2 ** 4, 2 ** 60] }, 'more elements than can be counted'],
  ['too many dimensions', { ...ten, shape: Array(33).fill(1) }, 'more than 32 dimensions'],
  ['too few elements', { ...ten, shape: [3] }, 'its data has 1 elements, its shape [3] has 3'],
  ['neither data nor bytes', { ...ten, data: undefined }, "neither 'data' nor"],
  ['both data and bytes', { ...ten, parameters: { binary_data_size: 0 } }, "both 'data' and"],
  ['a negative size', { ...ten, data: undefined, parameters: { binary_data_size: -4 } }, 'whole number of bytes'],
  ['a size beyond the body', { ...ten, data: undefined, parameters: { binary_data_size: 4 } }, 'has 0 bytes left'],
  ['shared memory', { ...ten, parameters: { shared_memory_region: 'a' } }, 'shared memory'],
  ['classification', '{"inputs":[],"outputs":[{"name":"y","parameters":{"classification":2}}]}', 'classification'],
])('%s is refused', (_, request, message) => {
  expect(refusal(() => (typeof request === 'string' ? read(request) : json(request)))).toContain(message);
});

test('bytes that are not what the shape takes are refused', () => {
  const bytes = (datatype: Tensor['datatype'], shape: number[], content: Buffer, more = 0) => {
    const head = binary({ datatype, shape, bytes: content });
    return () => readRequest(Buffer.concat([head, content, Buffer.alloc(more)]), head.length, MAX_DEPTH);
  };
  expect(refusal(bytes('FP32', [2], Buffer.alloc(4)))).toContain('4 bytes are not the 8 bytes of 2 elements of FP32');
  expect(refusal(bytes('FP32', [1], Buffer.alloc(4), 3))).toContain('3 bytes more than its inputs take');
  expect(refusal(bytes('BOOL', [1], Buffer.from([2])))).toContain('BOOL');
  expect(refusal(bytes('BYTES', [2], joinBytes([Buffer.from('a')])))).toContain('holds 1 elements of BYTES, not 2');
  expect(refusal(bytes('BYTES', [1], Buffer.from([9, 0, 0, 0, 1])))).toContain('longer than the bytes that are left');
  expect(refusal(bytes('BYTES', [1], Buffer.from([9, 0])))).toContain('last 2 bytes');
});

test('more strings than the gateway takes at a time are refused by their shapes, in one tensor or in several', () => {
  const tensor = (name: string, count: number) => {
    return { name, datatype: 'BYTES', shape: [count], parameters: { binary_data_size: 4 * count } };
  };
  const all = (...counts: number[]) => {
    const inputs = counts.map((count, index) => tensor(`x${index}`, count));
    const head = Buffer.from(JSON.stringify({ inputs }));
    const strings = counts.reduce((sum, count) => sum + count, 0);
    return readRequest(Buffer.concat([head, Buffer.alloc(4 * strings)]), head.length, MAX_DEPTH);
  };
  expect(all(MOST_STRINGS).inputs).toHaveLength(1);
  expect(refusal(() => all(MOST_STRINGS, 1))).toContain(`The input 'x1': with its elements the request has more than`);
  expect(refusal(() => one('BYTES', Array(MOST_STRINGS + 1).fill('')))).toContain('send several requests');
  expect(refusal(() => one('BYTES', [], [MOST_STRINGS + 1]))).toContain('send several requests');
});

test('a request whose bytes were changed is read or refused, never anything else', () => {
  const tensor: Tensor = { datatype: 'BYTES', shape: [2], bytes: joinBytes([Buffer.from('ab'), Buffer.from('c')]) };
  const head = binary(tensor);
  const valid = Buffer.concat([head, tensor.bytes]);
  const change = fc.record({ at: fc.nat({ max: valid.length - 1 }), byte: fc.nat({ max: 255 }), cut: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(change, { minLength: 1, maxLength: 6 }),
      fc.nat({ max: valid.length }),
      (changes, headLength) => {
        let body = Buffer.from(valid);
        for (const { at, byte, cut } of changes) {
          if (cut) body = body.subarray(0, Math.max(1, at));
          else if (at < body.length) body[at] = byte;
        }
        for (const length of [head.length, headLength]) {
          try {
            readRequest(body, Math.min(length, body.length), MAX_DEPTH);
          } catch (error) {
            expect((error as ServingError).code).toMatch(/^(bad_request|invalid_json)$/);
          }
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

describe('a response', () => {
  const floats: Tensor = { datatype: 'FP32', shape: [1, 2], bytes: Buffer.from(Float32Array.of(1, 2.5).buffer) };
  const strings: Tensor = { datatype: 'BYTES', shape: [1], bytes: joinBytes([Buffer.from('é"')]) };
  const results = [
    { name: 'a', ...floats },
    { name: 'b', ...strings },
  ];
  const model = { name: 'iris', version: '3' };

  test('is JSON without a charset, its data flat', () => {
    const { headers, ...answer } = writeResponse({ name: 'iris' }, { binaryOutput: false }, results);
    expect(headers).toBeUndefined();
    expect(answer).toEqual({
      status: 200,
      contentType: 'application/json',
      body:
        '{"model_name":"iris","outputs":[{"name":"a","datatype":"FP32","shape":[1,2],"data":[1.0,2.5]},' +
        '{"name":"b","datatype":"BYTES","shape":[1],"data":["é\\""]}]}',
    });
  });

  test('has the bytes behind the JSON, in the order of its outputs, where they were asked for', () => {
    const answer = writeResponse(model, { id: '42', binaryOutput: true }, results);
    const head =
      '{"model_name":"iris","model_version":"3","id":"42","outputs":[' +
      '{"name":"a","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}},' +
      '{"name":"b","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":7}}]}';
    expect(answer).toMatchObject({
      contentType: 'application/octet-stream',
      headers: { 'Inference-Header-Content-Length': String(head.length) },
    });
    expect(answer.body).toEqual(Buffer.concat([Buffer.from(head), floats.bytes, strings.bytes]));
  });

  test('lets each output choose against the request, and comes in the order asked for', () => {
    const outputs = [{ name: 'b', binary: false }, { name: 'a' }];
    const answer = writeResponse(model, { binaryOutput: true, outputs }, results);
    expect(answer.body.toString('latin1')).toMatch(
      /"outputs":\[\{"name":"b".*"data":\[.*\]\},\{"name":"a".*_size":8\}\}\]\}\0\0\x80\?/,
    );
  });

  test('names what there is when it has no such output', () => {
    const wanted = { binaryOutput: false, outputs: [{ name: 'c' }] };
    expect(refusal(() => writeResponse(model, wanted, results))).toBe("There is no output 'c'; there is 'a', 'b'.");
  });

  test('never has NaN, Infinity or broken text in its JSON: it says to ask for bytes', () => {
    const broken: Tensor[] = [
      { datatype: 'FP16', shape: [1], bytes: Buffer.from([0, 0x7c]) },
      { datatype: 'FP32', shape: [1], bytes: Buffer.from(Float32Array.of(Number.NaN).buffer) },
      { datatype: 'FP64', shape: [1], bytes: Buffer.from(Float64Array.of(-Infinity).buffer) },
      { datatype: 'BYTES', shape: [1], bytes: joinBytes([Buffer.from([0xff])]) },
    ];
    for (const tensor of broken) {
      expect(() => elementTexts(tensor)).toThrow(NotJson);
      const output = [{ name: 'y', ...tensor }];
      expect(refusal(() => writeResponse(model, { binaryOutput: false }, output))).toContain('"binary_data": true');
      expect(writeResponse(model, { binaryOutput: true }, output).status).toBe(200);
    }
  });
});
