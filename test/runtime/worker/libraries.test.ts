/** Types of libraries that a handler brings along; the worker itself imports none of them. */
import { beforeAll, describe, expect, test } from 'vitest';
import { described, handler } from './handlers';
import { LIBRARIES, pythonWith } from './python';
import { Worker } from './worker';

let python: string;

// Makes the virtual environment when it is not there yet.
beforeAll(() => {
  python = pythonWith(LIBRARIES);
}, 180_000);

const ready = (predict: string) => Worker.ready(handler(predict), { python });

describe('pydantic', () => {
  const PREAMBLE = `
from __future__ import annotations
from datetime import date
from typing import Annotated, Optional
from annotated_types import Ge, Len
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, field_validator

class Item(BaseModel):
    name: str = Field(max_length=3)
    made: Optional[date] = None
    children: list[Item] = []

class Basket(BaseModel):
    items: list[Item]
    note: str = "none"

    @field_validator("note")
    @classmethod
    def polite(cls, note: str) -> str:
        if note == "rude":
            raise ValueError("must be polite")
        return note
`;

  test('a model is described by its own schema, in and out', () => {
    const folder = handler(`${PREAMBLE}\ndef predict(basket: Basket) -> Basket: ...\n`);
    const { input, output } = described(folder, { python });
    expect(input).toMatchObject({
      properties: { basket: { $ref: '#/$defs/Basket' } },
      $defs: { Basket: { required: ['items'] }, Item: { properties: { name: { maxLength: 3 } } } },
    });
    expect(output).toMatchObject({ $ref: '#/$defs/Basket', $defs: { Basket: { required: ['items'] } } });
  });

  test('every reference in a schema leads to a definition', () => {
    const folder = handler(`${PREAMBLE}\ndef predict(a: list[Item], b: Basket, c: dict[str, Item]) -> Item: ...\n`);
    for (const schema of [described(folder, { python }).input, described(folder, { python }).output])
      expect(references(schema).filter((name) => !(name in (schema.$defs as object)))).toEqual([]);
  });

  test('two models of one name keep their own schemas', () => {
    const other = 'from pydantic import BaseModel\nclass Item(BaseModel):\n    other: int\n';
    const predict = `${PREAMBLE}\nimport shop\ndef predict(a: Item, b: shop.Item): ...\n`;
    const { input } = described(handler(predict, { 'shop.py': other }), { python });
    expect(input).toMatchObject({
      properties: { a: { $ref: '#/$defs/Item' }, b: { $ref: '#/$defs/Item2' } },
      $defs: { Item2: { properties: { other: { type: 'integer' } } }, Item: { properties: { children: {} } } },
    });
  });

  test('predict() gets the model and may return one', async () => {
    const worker = await ready(`${PREAMBLE}
def predict(basket: Basket) -> Basket:
    assert basket.items[0].made == date(2026, 11, 23)
    return basket
`);
    const item = { name: 'a', made: '2026-11-23' };
    expect(await worker.predict({ basket: { items: [item] } })).toEqual({
      items: [{ ...item, children: [] }],
      note: 'none',
    });
  });

  test("what a model refuses is the caller's failure, each complaint with its path", async () => {
    const worker = await ready(`${PREAMBLE}\ndef predict(basket: Basket): ...\n`);
    const failure = await worker.fail({ basket: { items: [{ name: 'long' }], note: 'rude' } });
    expect(failure).toMatchObject({
      kind: 'input',
      errors: [
        { path: '$.basket.items[0].name', message: 'String should have at most 3 characters' },
        { path: '$.basket.note', message: 'Value error, must be polite' },
      ],
    });
  });

  test('Field and annotated-types constrain plain parameters', () => {
    const folder = handler(`${PREAMBLE}
def predict(n: Annotated[int, Field(ge=1, description="how many")], names: Annotated[list[str], Len(1, 3)], m: Annotated[int, Ge(2)]): ...
`);
    expect(described(folder, { python }).input.properties).toEqual({
      n: { type: 'integer', minimum: 1, description: 'how many' },
      names: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 3 },
      m: { type: 'integer', minimum: 2 },
    });
  });

  test('a type that knows pydantic without being a model is asked too', async () => {
    const worker = await ready(`${PREAMBLE}\ndef predict(url: AnyUrl) -> str:\n    return url.host\n`);
    expect((await worker.handler()).input.properties).toMatchObject({ url: { type: 'string', format: 'uri' } });
    expect(await worker.predict({ url: 'https://example.com/a' })).toBe('example.com');
  });
});

describe('msgspec', () => {
  const PREAMBLE = `
from typing import Annotated
import msgspec

class Item(msgspec.Struct):
    name: str
    size: Annotated[int, msgspec.Meta(ge=1)] = 1
`;

  test('a struct is described, built and answered', async () => {
    const worker = await ready(`${PREAMBLE}\ndef predict(item: Item) -> list[Item]:\n    return [item, Item("b")]\n`);
    expect((await worker.handler()).input).toMatchObject({
      properties: { item: { $ref: '#/$defs/Item' } },
      $defs: { Item: { properties: { size: { minimum: 1, default: 1 } }, required: ['name'] } },
    });
    expect(await worker.predict({ item: { name: 'a', size: 2 } })).toEqual([
      { name: 'a', size: 2 },
      { name: 'b', size: 1 },
    ]);
  });

  test('what a struct refuses has its path', async () => {
    const worker = await ready(`${PREAMBLE}\ndef predict(items: list[Item]): ...\n`);
    expect(await worker.fail({ items: [{ name: 'a' }, { name: 1 }] })).toMatchObject({
      kind: 'input',
      errors: [{ path: '$.items[1].name', message: 'Expected `str`, got `int`' }],
    });
  });
});

describe('numpy', () => {
  const PREAMBLE = 'import numpy as np\nfrom numpy.typing import NDArray\n';

  test('an array is built from JSON, of the element type that the hint names', async () => {
    const worker = await ready(`${PREAMBLE}
def predict(x: NDArray[np.float32], y: np.ndarray) -> list:
    return [str(x.dtype), x.shape, y.sum()]
`);
    expect((await worker.handler()).input.properties).toEqual({ x: { type: 'array' }, y: { type: 'array' } });
    expect(await worker.predict({ x: [[1, 2]], y: [3, 4] })).toEqual(['float32', [1, 2], 7]);
  });

  test("rows of different lengths are the caller's failure", async () => {
    const worker = await ready(`${PREAMBLE}\ndef predict(x: NDArray[np.float32]): ...\n`);
    const failure = await worker.fail({ x: [[1], [1, 2]] });
    expect(failure).toMatchObject({ kind: 'input', message: expect.stringContaining('$.x: setting an array element') });
  });

  test('arrays and numbers of every kind are results', async () => {
    const worker = await ready(`${PREAMBLE}
def predict() -> dict:
    return {"a": np.eye(2), "f": np.float32(0.5), "i": np.int64(3), "b": np.bool_(True), "n": [np.float64(1.5)]}
`);
    expect(await worker.predict({})).toEqual({
      a: [
        [1, 0],
        [0, 1],
      ],
      f: 0.5,
      i: 3,
      b: true,
      n: [1.5],
    });
  });

  test('NaN in an array is found', async () => {
    const worker = await ready(`${PREAMBLE}\ndef predict():\n    return {"scores": np.array([1, np.nan])}\n`);
    expect(await worker.fail({})).toMatchObject({
      kind: 'result',
      message: '$.scores[1] is nan, which JSON cannot express',
    });
  });
});

test('a handler that uses none of them imports none of them', async () => {
  const worker = await ready(
    'import sys\ndef predict():\n    return [m for m in ("pydantic", "msgspec", "numpy") if m in sys.modules]\n',
  );
  expect(await worker.predict({})).toEqual([]);
});

/** The names that `$ref`s below `schema` point to. */
function references(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === '$ref' ? [String(value).replace('#/$defs/', '')] : references(value),
  );
}
