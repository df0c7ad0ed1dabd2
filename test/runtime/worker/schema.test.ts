/** One handler with a parameter for each hint, described by every Python found: the hints are the table. */
import { describe, expect, test } from 'vitest';
import { described, handler } from './handlers';
import { promisedPythons } from './python';

const PREAMBLE = `
import collections.abc as abc
import datetime as dt
import enum
import re
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import *

class Color(enum.Enum):
    """A colour."""
    RED = "red"
    BLUE = "blue"

class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2

@dataclass
class Box:
    label: str
    score: float = 0.5
    tags: list[str] = field(default_factory=list)
    made: str = field(default_factory=lambda: "now")

@dataclass
class Counted:
    text: str
    words: int = field(init=False)

@dataclass
class Tree:
    """A node and all below it."""
    value: int
    children: "list[Tree]"

class Point(NamedTuple):
    x: float
    y: float = 0

class Options(TypedDict, total=False):
    top_k: int
    model: str

class Strict(TypedDict):
    text: str

UserId = NewType("UserId", int)
T = TypeVar("T")

class Code(str): ...

at_least = SimpleNamespace(ge=1)
`;

const integer = { type: 'integer' };
const string = { type: 'string' };
const number = { type: 'number' };

type Case = readonly [hint: string, schema: object];

const SCALARS: Case[] = [
  ['str', string],
  ['int', integer],
  ['float', number],
  ['bool', { type: 'boolean' }],
  ['None', { type: 'null' }],
  ['bytes', { type: 'string', contentEncoding: 'base64' }],
  ['dt.datetime', { type: 'string', format: 'date-time' }],
  ['dt.date', { type: 'string', format: 'date' }],
  ['dt.time', { type: 'string', format: 'time' }],
  ['uuid.UUID', { type: 'string', format: 'uuid' }],
  ['Decimal', { type: 'string', pattern: String.raw`^-?\d+(\.\d+)?([eE][+-]?\d+)?$` }],
  ['Any', {}],
  ['object', {}],
  ['UserId', integer],
  ['Code', string],
  ['T', {}],
];

const CHOICES: Case[] = [
  ['Literal["a", "b"]', { type: 'string', enum: ['a', 'b'] }],
  ['Literal[1, "a"]', { type: ['integer', 'string'], enum: [1, 'a'] }],
  ['Literal[True]', { type: 'boolean', enum: [true] }],
  ['Optional[int]', { type: ['integer', 'null'] }],
  ['str | None', { type: ['string', 'null'] }],
  ['int | str', { type: ['integer', 'string'] }],
  ['int | str | None', { type: ['integer', 'string', 'null'] }],
  ['Literal["a"] | None', { type: ['string', 'null'], enum: ['a', null] }],
  ['Union[int, list[int]]', { anyOf: [integer, { type: 'array', items: integer }] }],
  ['Box | None', { anyOf: [{ $ref: '#/$defs/Box' }, { type: 'null' }] }],
  ['int | Any', {}],
  ['Color', { $ref: '#/$defs/Color' }],
  ['Size', { $ref: '#/$defs/Size' }],
];

const COLLECTIONS: Case[] = [
  ['list', { type: 'array' }],
  ['List[int]', { type: 'array', items: integer }],
  ['list[list[float]]', { type: 'array', items: { type: 'array', items: number } }],
  ['Sequence[str]', { type: 'array', items: string }],
  ['abc.Iterable[str]', { type: 'array', items: string }],
  ['set[int]', { type: 'array', items: integer, uniqueItems: true }],
  ['tuple', { type: 'array' }],
  ['tuple[int, ...]', { type: 'array', items: integer }],
  ['tuple[int, str]', { type: 'array', prefixItems: [integer, string], items: false, minItems: 2, maxItems: 2 }],
  ['Point', { type: 'array', prefixItems: [number, number], items: false, minItems: 1, maxItems: 2 }],
  ['dict', { type: 'object' }],
  ['dict[str, int]', { type: 'object', additionalProperties: integer }],
  ['Mapping[str, Any]', { type: 'object' }],
  ['dict[int, str]', { type: 'object', propertyNames: { pattern: String.raw`^-?\d+$` }, additionalProperties: string }],
  [
    'dict[Literal["a"], int]',
    { type: 'object', propertyNames: { type: 'string', enum: ['a'] }, additionalProperties: integer },
  ],
  ['Box', { $ref: '#/$defs/Box' }],
  ['Counted', { $ref: '#/$defs/Counted' }],
  ['Tree', { $ref: '#/$defs/Tree' }],
  ['list["Tree"]', { type: 'array', items: { $ref: '#/$defs/Tree' } }],
  ['Options', { $ref: '#/$defs/Options' }],
];

const CONSTRAINTS: Case[] = [
  ['Annotated[str, "a name"]', { type: 'string', description: 'a name' }],
  ['Annotated[str, {"maxLength": 512}]', { type: 'string', maxLength: 512 }],
  ['Annotated[int, range(1, 11)]', { type: 'integer', minimum: 1, maximum: 10 }],
  ['Annotated[int, range(0, 11, 5)]', { type: 'integer', minimum: 0, maximum: 10, multipleOf: 5 }],
  ['Annotated[int, range(1, 8, 3)]', { type: 'integer', enum: [1, 4, 7] }],
  ['Annotated[int, at_least, "how many"]', { type: 'integer', minimum: 1, description: 'how many' }],
  ['Annotated[float, SimpleNamespace(gt=0, lt=1)]', { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }],
  ['Annotated[int, SimpleNamespace(le=9, multiple_of=3)]', { type: 'integer', maximum: 9, multipleOf: 3 }],
  ['Annotated[str, SimpleNamespace(min_length=1, max_length=2)]', { type: 'string', minLength: 1, maxLength: 2 }],
  [
    'Annotated[list[int], SimpleNamespace(min_length=1, max_length=2)]',
    { type: 'array', items: integer, minItems: 1, maxItems: 2 },
  ],
  ['Annotated[dict, SimpleNamespace(max_length=2)]', { type: 'object', maxProperties: 2 }],
  ['Annotated[str, SimpleNamespace(pattern="^a")]', { type: 'string', pattern: '^a' }],
  ['Annotated[str, re.compile("^a")]', { type: 'string', pattern: '^a' }],
  [
    'Annotated[int, SimpleNamespace(metadata=[at_least], description="d")]',
    { type: 'integer', minimum: 1, description: 'd' },
  ],
  ['Annotated[int | None, at_least]', { type: ['integer', 'null'], minimum: 1 }],
  ['list[Annotated[int, at_least]]', { type: 'array', items: { type: 'integer', minimum: 1 } }],
  ['Annotated[Box, "where"]', { $ref: '#/$defs/Box', description: 'where' }],
];

const DEFAULTS: Case[] = [
  ['int = 3', { type: 'integer', default: 3 }],
  ['str = None', { type: ['string', 'null'], default: null }],
  ['Color = Color.RED', { $ref: '#/$defs/Color', default: 'red' }],
  ['Box = Box("a")', { $ref: '#/$defs/Box', default: { label: 'a', score: 0.5, tags: [], made: 'now' } }],
  ['Box = None', { anyOf: [{ $ref: '#/$defs/Box' }, { type: 'null' }], default: null }],
  ['Any = object()', {}],
  ['float = float("nan")', number],
];

const CASES = [...SCALARS, ...CHOICES, ...COLLECTIONS, ...CONSTRAINTS, ...DEFAULTS];

/** One parameter a case; and once more with postponed annotations, where hints are strings. */
function everyHint(future: boolean): string {
  const parameters = CASES.map(([hint], index) => `    p${index}: ${hint},\n`).join('');
  const first = future ? 'from __future__ import annotations\n' : '';
  return handler(`${first}${PREAMBLE}\ndef predict(*,\n${parameters}) -> tuple[Box, Counted]: ...\n`);
}

const PYTHONS = Object.entries(promisedPythons());

describe.each(PYTHONS.flatMap(([version, python]) => [false, true].map((future) => ({ version, python, future }))))(
  'Python $version, postponed annotations: $future',
  ({ python, future }) => {
    const { input, output, warnings } = described(everyHint(future), { python });
    const properties = input.properties as Record<string, object>;
    const definitions = input.$defs as Record<string, object>;

    test.each(CASES.map(([hint, schema], index) => ({ hint, schema, index })))('$hint', ({ schema, index }) => {
      expect(properties[`p${index}`]).toEqual(schema);
    });

    test('parameters without a default are required, and no others are taken', () => {
      const required = CASES.flatMap((one, index) => (DEFAULTS.includes(one) ? [] : [`p${index}`]));
      expect(input).toMatchObject({ type: 'object', required, additionalProperties: false });
    });

    test('a dataclass may be sent without the fields that have defaults', () => {
      expect(definitions.Box).toEqual({
        type: 'object',
        properties: {
          label: string,
          score: { type: 'number', default: 0.5 },
          tags: { type: 'array', items: string, default: [] },
          made: string,
        },
        required: ['label'],
        additionalProperties: false,
      });
    });

    test('a dataclass that is answered has all its fields', () => {
      expect(output.$defs).toMatchObject({ Box: { required: ['label', 'score', 'tags', 'made'] } });
    });

    test('what a dataclass makes itself is answered and may not be sent', () => {
      expect(definitions.Counted).toMatchObject({ properties: { text: string }, required: ['text'] });
      expect(Object.keys((definitions.Counted as { properties: object }).properties)).toEqual(['text']);
      expect(output.$defs).toMatchObject({ Counted: { required: ['text', 'words'] } });
    });

    test('a recursive class refers to itself', () => {
      expect(definitions.Tree).toMatchObject({
        description: 'A node and all below it.',
        properties: { children: { type: 'array', items: { $ref: '#/$defs/Tree' } } },
      });
    });

    test('an enum is its values, described by its own docstring alone', () => {
      expect(definitions.Color).toEqual({ type: 'string', enum: ['red', 'blue'], description: 'A colour.' });
      expect(definitions.Size).toEqual({ type: 'integer', enum: [1, 2] });
    });

    test('each class is defined once', () => {
      expect(Object.keys(definitions).sort()).toEqual(['Box', 'Color', 'Counted', 'Options', 'Size', 'Tree']);
    });

    test('a TypedDict with total=False requires nothing', () => {
      expect(definitions.Options).toMatchObject({ required: [], additionalProperties: false });
    });

    test('nothing here deserves a warning', () => {
      expect(warnings).toEqual([]);
    });
  },
);

const WITH_REQUIRED = PYTHONS.filter(([version]) => version !== '3.10');

test.each(WITH_REQUIRED)('Python %s: Required and NotRequired count, also when postponed', (_version, python) => {
  const source = (first: string) => `${first}
from typing import *

class Base(TypedDict):
    a: int
    b: NotRequired[int]

class Child(Base, total=False):
    c: int
    d: Required[int]

def predict(x: Child): ...
`;
  for (const first of ['', 'from __future__ import annotations'])
    expect(described(handler(source(first)), { python }).input.$defs).toMatchObject({
      Child: { required: ['a', 'd'] },
    });
});

const WITH_TYPE_STATEMENT = PYTHONS.filter(([version]) => !['3.10', '3.11'].includes(version));

test.each(WITH_TYPE_STATEMENT)('Python %s: a recursive `type` statement refers to itself', (_version, python) => {
  const folder = handler('type Json = dict[str, Json] | list[Json] | str | None\ndef predict(x: Json): ...\n');
  expect(described(folder, { python }).input).toMatchObject({
    properties: { x: { $ref: '#/$defs/Json' } },
    $defs: {
      Json: {
        anyOf: [{ additionalProperties: { $ref: '#/$defs/Json' } }, { items: { $ref: '#/$defs/Json' } }, {}, {}],
      },
    },
  });
});

test.each(PYTHONS)('Python %s: a union that names itself in quotes refers to itself', (_version, python) => {
  const predict = `from typing import *
Json = Union[Dict[str, "Json"], List["Json"], str, None]
def predict(x: "Json"): ...
`;
  const { input, warnings } = described(handler(predict), { python });
  expect(Object.keys(input.$defs as object)).toEqual(['Json']);
  expect(JSON.stringify(input.$defs)).toContain('{"type":"object","additionalProperties":{"$ref":"#/$defs/Json"}}');
  expect(warnings).toEqual([]);
});

test.each(PYTHONS)('Python %s: an InitVar may be sent and is in no answer', (_version, python) => {
  const predict = `from dataclasses import InitVar, dataclass

@dataclass
class Scaled:
    value: int
    by: InitVar[int]
    unit: InitVar[str] = "m"

def predict(x: Scaled) -> Scaled: ...
`;
  const { input, output } = described(handler(predict), { python });
  expect(input.$defs).toMatchObject({ Scaled: { required: ['value', 'by'] } });
  expect(input.$defs).toMatchObject({ Scaled: { properties: { by: integer, unit: { default: 'm' } } } });
  expect(output.$defs).toMatchObject({ Scaled: { properties: { value: integer }, required: ['value'] } });
  expect(JSON.stringify(output)).not.toContain('unit');
});

test.each(['Literal[b"x"]', 'Literal[Pair.A]', 'dict[tuple[int, int], str]'])(
  '%s has no schema, which is told',
  (hint) => {
    const preamble = 'from enum import Enum\nfrom typing import Literal\nclass Pair(Enum):\n    A = (1, 2)\n';
    const { input, warnings } = described(handler(`${preamble}def predict(x: ${hint}): ...\n`));
    expect(input.properties).toEqual({ x: {} });
    expect(warnings).toMatchObject([{ message: expect.stringContaining('all values pass'), line: 5 }]);
  },
);
