import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Flag } from '../../../runtime/gateway/worker/frames';
import fixtures from '../../fixtures/packed.json';
import { described, handler } from './handlers';
import { LIBRARIES, PYTHON, pythonWith, WORKER } from './python';
import { Worker } from './worker';

interface Read {
  readonly members?: object;
  readonly rows?: number | null;
  readonly error?: string;
}

interface Told {
  readonly dtype: string;
  readonly shape: number[];
  readonly offset: number;
  readonly bytes: number;
}

let withNumpy: string;

beforeAll(() => {
  withNumpy = pythonWith(LIBRARIES);
}, 180_000);

/** What the worker's codec reads from each of these bodies. */
function read(bodies: readonly string[], python = PYTHON, form = 'list'): Read[] {
  const script = join(import.meta.dirname, 'packed.py');
  const env = { ...process.env, FORM: form };
  const { stdout, stderr } = spawnSync(python, [script, WORKER], { input: bodies.join('\n'), encoding: 'utf8', env });
  expect(stderr).toBe('');
  return (
    stdout
      .trim()
      .split('\n')
      // Python writes what JSON has no word for: a changed body may mean that.
      .map((line) => JSON.parse(line.replaceAll(/-?\b(NaN|Infinity)\b/g, 'null')))
  );
}

describe.each(['list', 'numpy'])('as %s', (form) => {
  test('every packed body means what it should', () => {
    const all = read(
      fixtures.packed.map(({ hex }) => hex),
      withNumpy,
      form,
    );
    const meant = fixtures.packed.map(({ members, header }) => ({
      members,
      rows: 'rows' in header ? header.rows : null,
    }));
    expect(all).toEqual(meant);
  });

  test('every malformed body is refused with words', () => {
    const bodies = fixtures.malformed;
    const all = read(
      bodies.map(({ hex }) => hex),
      withNumpy,
      form,
    );
    const letThrough = bodies.filter((_, index) => all[index]?.error === undefined).map(({ meaning }) => meaning);
    expect(letThrough).toEqual([]);
  });
});

test('whatever is changed in a body, it is read or refused, and never more', () => {
  const hexes = fc.constantFrom(...fixtures.packed.map(({ hex }) => hex));
  const changed = fc.tuple(hexes, fc.nat(), fc.nat(255)).map(([hex, at, byte]) => {
    const body = Buffer.from(hex, 'hex');
    body[at % body.length] = byte;
    return body.toString('hex');
  });
  const all = read(fc.sample(changed, 1000));
  expect(all.length).toBe(1000);
});

/** A packed body with these float32 arrays. */
function packed(arrays: Record<string, { shape: number[]; data: number[] }>, rest: object = {}): Buffer {
  const told: Record<string, Told> = {};
  const pieces: Buffer[] = [];
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    const bytes = Buffer.from(Float32Array.from(data).buffer);
    told[name] = { dtype: 'FP32', shape, offset, bytes: bytes.length };
    pieces.push(bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8));
    offset += bytes.length + (bytes.length % 8);
  }
  const json = Buffer.from(JSON.stringify({ values: {}, ...rest, arrays: told }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const start = Buffer.concat([length, json]);
  return Buffer.concat([start, Buffer.alloc((8 - (start.length % 8)) % 8), ...pieces]);
}

/** What a packed answer says, its float arrays as numbers. */
function unpacked(body: Buffer) {
  const end = 4 + body.readUInt32LE();
  const { values, arrays, rows } = JSON.parse(body.subarray(4, end).toString());
  const data = body.subarray(Math.ceil(end / 8) * 8);
  const numbers = ({ dtype, offset, bytes }: Told) => {
    const part = Uint8Array.from(data.subarray(offset, offset + bytes)).buffer;
    return [...(dtype === 'FP64' ? new Float64Array(part) : new Float32Array(part))];
  };
  const read = Object.entries(arrays as Record<string, Told>).map(([name, one]) => [
    name,
    { dtype: one.dtype, shape: one.shape, data: numbers(one) },
  ]);
  return { values, arrays: Object.fromEntries(read), rows };
}

const SUM = 'def predict(x: list[list[float]], k: int = 1) -> list[float]:\n    return [sum(row) * k for row in x]\n';

test('a list of floats receives floats, also after a context', async () => {
  const worker = await Worker.ready(
    handler(`import model_api\n${SUM.replace('return ', 'print(type(x[0][0]), model_api.request().id)\n    return ')}`),
  );
  const body = packed({ x: { shape: [2, 2], data: [1, 2, 3, 4] } }, { values: { k: 10 } });
  const id = worker.request(body, { flags: Flag.PACKED, context: { request_id: 'odd' } });
  expect(await worker.result(id)).toEqual([30, 70]);
  expect(worker.lines.map(({ msg }) => msg)).toEqual(["<class 'float'> odd"]);
});

test.each(fixtures.malformed)('a worker lives on after $meaning', async ({ hex }) => {
  shared ??= await Worker.ready(handler('def predict(x=None):\n    return 1\n'), { keep: true });
  const failure = await shared.failure(shared.request(Buffer.from(hex, 'hex'), { flags: Flag.PACKED }));
  expect(failure).toMatchObject({ kind: 'input' });
});

let shared: Worker | undefined;

test('READY says which parameters gain by arrays, and of which type', () => {
  const predict = `
from typing import Annotated, Optional
import numpy as np
from numpy.typing import NDArray

def predict(
    a: list[float], b: list[list[float]], c: NDArray[np.float32], d: np.ndarray, e: NDArray[np.float16],
    f: Optional[list[float]], g: Annotated[list[float], "unit"],
    h: list[int], i: float, j: list[str], k: NDArray[np.int64], l: dict[str, list[float]], m=None,
): ...
`;
  expect(described(handler(predict), { python: withNumpy }).arrays).toEqual({
    a: 'FP64',
    b: 'FP64',
    c: 'FP32',
    d: 'FP64',
    e: 'FP16',
    f: 'FP64',
    g: 'FP64',
  });
});

describe('with numpy', () => {
  const ready = (predict: string) =>
    Worker.ready(
      handler(`import numpy as np\nfrom numpy.typing import NDArray\nfrom dataclasses import dataclass\n\n${predict}`),
      {
        python: withNumpy,
      },
    );
  const x = { x: { shape: [2, 2], data: [1, 2, 3, 4] } };

  test('an array arrives in the type its hint asks for, and may be changed in place', async () => {
    const worker = await ready(
      'def predict(x: NDArray[np.float32]):\n    x *= 2\n    return [str(x.dtype), x.shape, x.sum(), x.flags.aligned]\n',
    );
    const id = worker.request(packed(x), { flags: Flag.PACKED, context: { request_id: 'abc' } });
    expect(await worker.result(id)).toEqual(['float32', [2, 2], 20, true]);
    expect(await worker.predict({ x: [[1, 2]] })).toEqual(['float32', [1, 2], 6, true]);
  });

  test.each([
    ['an array', 'np.array([[1.0, 2], [3, 4]])', { output: { dtype: 'FP64', shape: [2, 2], data: [1, 2, 3, 4] } }, {}],
    [
      'arrays by name',
      '{"y": np.ones(2, np.float32), "label": "a", "n": np.int64(3), "s": np.array(["t"])}',
      { y: { dtype: 'FP32', shape: [2], data: [1, 1] } },
      { label: 'a', n: 3, s: ['t'] },
    ],
    [
      'a view against the grain',
      'np.arange(4.0).reshape(2, 2).T',
      { output: { dtype: 'FP64', shape: [2, 2], data: [0, 2, 1, 3] } },
      {},
    ],
    ['big-endian numbers', 'np.array([1, 2], ">f4")', { output: { dtype: 'FP32', shape: [2], data: [1, 2] } }, {}],
    ['a record', 'Out(np.zeros(1), 5)', { y: { dtype: 'FP64', shape: [1], data: [0] } }, { n: 5 }],
  ])('%s is a packed result where that can be read, and JSON elsewhere', async (_what, returned, arrays, values) => {
    const worker = await ready(
      `@dataclass\nclass Out:\n    y: np.ndarray\n    n: int\n\ndef predict():\n    return ${returned}\n`,
    );
    const answer = await worker.answer(worker.request({}, { flags: Flag.ARRAYS }));
    expect(answer.flags).toBe(Flag.PACKED);
    expect(unpacked(answer.body)).toEqual({ values, arrays, rows: undefined });
    expect((await worker.answer(worker.request({}))).flags).toBe(0);
  });

  test('a result without arrays is JSON though it might be packed', async () => {
    const worker = await ready('def predict():\n    return {"a": [1.0]}\n');
    const answer = await worker.answer(worker.request({}, { flags: Flag.ARRAYS }));
    expect([answer.flags, answer.body.toString()]).toEqual([0, '{"a":[1.0]}']);
  });

  const DOUBLE = `def predict_batch(x: NDArray[np.float32]):
    print(x.dtype, x.shape)
    return x * 2
`;

  test('a column hinted as an array is stacked, from JSON, arrays and rows alike', async () => {
    const worker = await ready(DOUBLE);
    expect((await worker.handler()).arrays).toEqual({ x: 'FP32' });
    const flags = Flag.PACKED | Flag.ROWS;
    expect(await worker.predict({ x: [1, 2] })).toEqual([2, 4]);
    const all = worker.request(packed(x, { rows: 2 }), { flags });
    expect(await worker.result(all)).toEqual([
      [2, 4],
      [6, 8],
    ]);
    const back = await worker.answer(worker.request(packed(x, { rows: 2 }), { flags: flags | Flag.ARRAYS }));
    expect(unpacked(back.body)).toEqual({
      values: {},
      arrays: { output: { dtype: 'FP32', shape: [2, 2], data: [2, 4, 6, 8] } },
      rows: 2,
    });
    expect(worker.lines.map(({ msg }) => msg)).toEqual(['float32 (1, 2)', 'float32 (2, 2)', 'float32 (2, 2)']);
  });

  test('rows and single requests are one call, and each is given its own part', async () => {
    const worker = await ready(DOUBLE);
    worker.sendFrame(14, 0, Buffer.alloc(0), 0, 3);
    const single = worker.request({ x: [10, 20] });
    const rows = worker.request(packed(x, { rows: 2 }), { flags: Flag.PACKED | Flag.ROWS });
    const ragged = worker.request({ x: [1, 2, 3] });
    expect(await worker.result(single)).toEqual([20, 40]);
    expect(await worker.result(rows)).toEqual([
      [2, 4],
      [6, 8],
    ]);
    expect(await worker.result(ragged)).toEqual([2, 4, 6]);
  });

  test('a body with text where a number should be fails alone', async () => {
    const worker = await ready(DOUBLE);
    const ids = worker.batch([{ x: [1, 2] }, { x: ['a', 2] }]) as [number, number];
    expect(await worker.result(ids[0])).toEqual([2, 4]);
    expect(await worker.failure(ids[1])).toMatchObject({ kind: 'input' });
  });
});

test('rows reach a column of lists as lists', async () => {
  const source =
    'def predict_batch(x: list[list[float]], k: list[float]) -> list[float]:\n    return [sum(r) * b for r, b in zip(x, k)]\n';
  const worker = await Worker.ready(handler(source));
  const body = packed({ x: { shape: [2, 2], data: [1, 2, 3, 4] }, k: { shape: [2], data: [1, 10] } }, { rows: 2 });
  expect(await worker.result(worker.request(body, { flags: Flag.PACKED | Flag.ROWS }))).toEqual([3, 70]);
});
