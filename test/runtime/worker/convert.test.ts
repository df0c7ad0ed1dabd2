/** What predict() is handed: each row is a hint, a JSON value, and the Python value as `repr` writes it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { handler } from './handlers';
import { Worker } from './worker';

const PREAMBLE = `
import datetime as dt
import enum
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import *

class Color(enum.Enum):
    RED = "red"

@dataclass
class Box:
    label: str
    size: int = 1

@dataclass
class Ratio:
    above: int
    below: int
    def __post_init__(self):
        if self.below == 0:
            raise ValueError("below must not be 0")

@dataclass
class Tree:
    value: int
    children: "list[Tree]" = field(default_factory=list)

class Point(NamedTuple):
    x: float
    y: float = 0.5

class Row(TypedDict):
    made: dt.date

class Code(str):
    def __repr__(self):
        return f"Code({str(self)})"
`;

const TAKEN: [hint: string, json: unknown, python: string][] = [
  ['Any', { a: [1] }, "{'a': [1]}"],
  ['int', 3, '3'],
  ['float', 3, '3.0'],
  ['list[float]', [1, 2.5], '[1.0, 2.5]'],
  ['bytes', 'AP8=', String.raw`b'\x00\xff'`],
  ['dt.datetime', '2026-11-23T10:00:00Z', 'datetime.datetime(2026, 11, 23, 10, 0, tzinfo=datetime.timezone.utc)'],
  [
    'dt.datetime',
    '2026-11-23T10:00:00.5+00:00',
    'datetime.datetime(2026, 11, 23, 10, 0, 0, 500000, tzinfo=datetime.timezone.utc)',
  ],
  ['dt.date', '2026-11-23', 'datetime.date(2026, 11, 23)'],
  ['dt.time', '10:30:00', 'datetime.time(10, 30)'],
  ['uuid.UUID', '00000000-0000-0000-0000-000000000001', "UUID('00000000-0000-0000-0000-000000000001')"],
  ['Decimal', '0.10', "Decimal('0.10')"],
  ['Color', 'red', "<Color.RED: 'red'>"],
  ['Literal[1, "a"]', 'a', "'a'"],
  ['Optional[int]', null, 'None'],
  ['set[int]', [1, 1], '{1}'],
  ['frozenset[int]', [1], 'frozenset({1})'],
  ['tuple[int, float]', [1, 2], '(1, 2.0)'],
  ['tuple[int, ...]', [1, 2, 3], '(1, 2, 3)'],
  ['Point', [1], 'Point(x=1.0, y=0.5)'],
  ['dict[int, float]', { '1': 2 }, '{1: 2.0}'],
  ['Box', { label: 'a' }, "Box(label='a', size=1)"],
  ['list[Box]', [{ label: 'a', size: 2 }], "[Box(label='a', size=2)]"],
  ['Tree', { value: 1, children: [{ value: 2 }] }, 'Tree(value=1, children=[Tree(value=2, children=[])])'],
  ['Row', { made: '2026-11-23' }, "{'made': datetime.date(2026, 11, 23)}"],
  ['Code', 'x', 'Code(x)'],
  ['Annotated[Box, "where"]', { label: 'a' }, "Box(label='a', size=1)"],
  ['int | float', 3, '3'],
  ['int | float', 3.5, '3.5'],
  ['Box | Ratio', { above: 1, below: 2 }, 'Ratio(above=1, below=2)'],
  ['dt.date | str', '2026-11-23', 'datetime.date(2026, 11, 23)'],
  ['dt.date | str', 'yesterday', "'yesterday'"],
  ['Box | list[Box] | None', [{ label: 'a' }], "[Box(label='a', size=1)]"],
];

const REFUSED: [hint: string, json: unknown, path: string, message: string][] = [
  ['int', 1.5, '', 'expected an integer, got a number'],
  ['int', true, '', 'expected an integer, got a boolean'],
  ['bytes', 'not base64!', '', "expected base64, got 'not base64!'"],
  ['dt.datetime', 'noon', '', "expected a date-time, got 'noon'"],
  ['Decimal', 'x', '', "expected a decimal number, got 'x'"],
  ['Color', 'green', '', "expected one of 'red'"],
  ['Literal[1]', true, '', 'expected one of 1'],
  ['list[Box]', [{ label: 'a' }, {}], '[1]', 'label is missing'],
  ['Tree', { value: 1, children: [{ value: 'x' }] }, '.children[0].value', 'expected an integer, got a string'],
  ['Box', { label: 'a', colour: 1 }, '.colour', 'is not a known name'],
  ['Ratio', { above: 1, below: 0 }, '', 'below must not be 0'],
  ['tuple[int, str]', [1], '', 'expected 2 items, got 1'],
  ['dict[int, str]', { x: 'a' }, '.x', "invalid literal for int() with base 10: 'x'"],
  ['int | Box', { label: 1 }, '.label', 'expected a string, got a number'],
];

/** A handler with a parameter for each hint, that answers with the `repr` of what it was handed. */
function everyHint(hints: string[]): string {
  const parameters = hints.map((hint, index) => `    p${index}: ${hint} = ...,\n`).join('');
  return handler(`${PREAMBLE}
def predict(*,\n${parameters}) -> str:
    return next(repr(value) for value in locals().values() if value is not ...)
`);
}

let worker: Worker;

async function start(hints: string[]) {
  worker = await Worker.ready(everyHint(hints), { keep: true });
}

afterAll(() => worker.dispose());

describe('what a hint promises is what predict() gets', () => {
  beforeAll(() => start(TAKEN.map(([hint]) => hint)));

  test.each(TAKEN.map((row, index) => [...row, index] as const))('%s from %j', async (_hint, json, python, index) => {
    expect(await worker.predict({ [`p${index}`]: json })).toBe(python);
  });

  test('the number 1.0 is the integer 1', async () => {
    expect(await worker.result(worker.requestText('{"p1": 1.0}'))).toBe('1');
    const literal = TAKEN.findIndex(([hint]) => hint === 'Literal[1, "a"]');
    expect(await worker.result(worker.requestText(`{"p${literal}": 1.0}`))).toBe('1');
  });
});

describe("what Python refuses is the caller's failure, with its path", () => {
  beforeAll(() => start(REFUSED.map(([hint]) => hint)));

  test.each(REFUSED.map((row, index) => [...row, index] as const))(
    '%s from %j',
    async (_hint, json, path, message, index) => {
      const place = `$.p${index}${path}`;
      expect(await worker.fail({ [`p${index}`]: json })).toMatchObject({
        kind: 'input',
        message: `${place}: ${message}`,
        errors: [{ path: place, message }],
      });
    },
  );
});
