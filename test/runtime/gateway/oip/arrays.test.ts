/** Arrays all the way: from the bytes of a request into NumPy's in the handler, and back. */
import { describe, expect, test } from 'vitest';
import { PATH_VARIABLES } from '../../../../runtime/contract/manifest';
import { type Serving, serve } from '../../serve';
import { handler } from '../../worker/handlers';
import { LIBRARIES, pythonWith } from '../../worker/python';

const IMPORTS = 'import numpy as np\nfrom numpy.typing import NDArray\n';

const start = (predict: string) =>
  serve({ handler: handler(IMPORTS + predict), env: { [PATH_VARIABLES.python]: pythonWith(LIBRARIES) } });

interface Sent {
  readonly name: string;
  readonly datatype: string;
  readonly shape: number[];
  readonly bytes: Buffer;
}

const floats = (shape: number[], ...values: number[]): Sent => ({
  name: 'x',
  datatype: 'FP32',
  shape,
  bytes: Buffer.from(Float32Array.from(values).buffer),
});

/** Sends bytes and wants JSON: what came of each output, by its name. */
async function infer(api: Serving, inputs: readonly Sent[], outputs?: object[]) {
  const described = inputs.map(({ bytes, ...rest }) => ({ ...rest, parameters: { binary_data_size: bytes.length } }));
  const head = Buffer.from(JSON.stringify({ inputs: described, outputs }));
  const reply = await api.request('/v2/models/model/infer', {
    method: 'POST',
    body: Buffer.concat([head, ...inputs.map(({ bytes }) => bytes)]),
    headers: { 'inference-header-content-length': String(head.length) },
  });
  return { status: reply.status, error: reply.json?.error, outputs: reply.json?.outputs, headers: reply.headers };
}

describe('an array', () => {
  const PREDICT = `
def predict(x: NDArray[np.float32]) -> dict:
    return {"twice": x * 2, "type": str(x.dtype), "finite": bool(np.isfinite(x).all())}
`;

  test('is the one that was sent, and comes back with its type and shape', async () => {
    const api = await start(PREDICT);
    const reply = await infer(api, [floats([2, 2], 1, 2, 3, 0.5)]);
    expect(reply.outputs).toEqual([
      { name: 'type', datatype: 'BYTES', shape: [1], data: ['float32'] },
      { name: 'finite', datatype: 'BOOL', shape: [1], data: [true] },
      { name: 'twice', datatype: 'FP32', shape: [2, 2], data: [2, 4, 6, 1] },
    ]);
  });

  test('may be NaN on the way in; on the way out it has to be bytes', async () => {
    const api = await start(PREDICT);
    const nan = floats([1], Number.NaN);
    expect((await infer(api, [nan], [{ name: 'finite' }])).outputs[0].data).toEqual([false]);
    expect((await infer(api, [nan])).error).toContain('Ask for it with the parameter "binary_data": true');
    const bytes = await infer(api, [nan], [{ name: 'twice', parameters: { binary_data: true } }]);
    expect([bytes.status, bytes.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
  });
});

test('a list of floats is filled from an array, whatever its size', async () => {
  const api = await start('def predict(x: list[float], y: list[int] = []) -> float:\n    return sum(x) + sum(y)\n');
  expect((await infer(api, [floats([3], 1, 2, 3)])).outputs[0].data).toEqual([6]);
  const long = { name: 'y', datatype: 'INT64', shape: [20_000], bytes: Buffer.alloc(160_000) };
  long.bytes.writeBigInt64LE(2n ** 40n, 80);
  expect((await infer(api, [floats([50_000], ...Array(50_000).fill(1)), long])).outputs[0].data).toEqual([
    50_000 + 2 ** 40,
  ]);
});

describe('rows', () => {
  const PREDICT = `
def predict_batch(x: NDArray[np.float32], label: list[str]) -> list[dict]:
    assert isinstance(x, np.ndarray) and len(x) == len(label)
    return [{"sum": float(row.sum()), "label": f"{one}{len(label)}"} for row, one in zip(x, label)]
`;
  const labels = (...values: string[]): Sent => ({
    name: 'label',
    datatype: 'BYTES',
    shape: [values.length],
    bytes: Buffer.concat(values.map((value) => Buffer.from([value.length, 0, 0, 0, ...Buffer.from(value)]))),
  });

  test('of one request are one call, and come back as rows', async () => {
    const api = await start(PREDICT);
    const reply = await infer(api, [floats([3, 2], 1, 2, 3, 4, 5, 6), labels('a', 'b', 'c')]);
    expect(reply).toMatchObject({ status: 200 });
    expect(reply.outputs).toEqual([
      { name: 'sum', datatype: 'FP64', shape: [3], data: [3, 7, 11] },
      { name: 'label', datatype: 'BYTES', shape: [3], data: ['a3', 'b3', 'c3'] },
    ]);
  });

  test('of an array stay one on the way back', async () => {
    const api = await start('def predict_batch(x: NDArray[np.float32]) -> NDArray[np.float32]:\n    return x * 2\n');
    const reply = await infer(api, [floats([2, 3], 1, 2, 3, 4, 5, 6)]);
    expect(reply.outputs).toEqual([{ name: 'output', datatype: 'FP32', shape: [2, 3], data: [2, 4, 6, 8, 10, 12] }]);
  });
});
