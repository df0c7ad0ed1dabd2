/** The request that `dev` shows is one that the handler takes, whatever its hints are made of. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { Dev, Home, modelDirectory } from '../command';

const PRELUDE = `
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple, Optional, TypedDict, Union
from uuid import UUID
class At(NamedTuple):
    x: float
    y: float = 0.0
class Colour(Enum):
    RED = "red"
    BLUE = "blue"
class Named(TypedDict):
    name: str
@dataclass
class Tree:
    value: Annotated[int, {"minimum": 3}]
    left: Optional["Tree"]
    children: list["Tree"]
    boxes: dict[str, "Tree"] = field(default_factory=dict)
@dataclass
class Circle:
    radius: float
    kind: Literal["circle"] = "circle"
@dataclass
class Loop:
    again: Union["Loop", int]
`;

/** By what makes each of them more than a plain type. */
const HINTS = {
  text: 'str',
  flag: 'bool',
  anything: 'Any',
  nothing: 'None',
  date: 'date',
  moment: 'datetime',
  hour: 'time',
  id: 'UUID',
  raw: 'bytes',
  price: 'Decimal',
  maybe: 'Optional[date]',
  several: 'Union[int, str, None]',
  union: 'Union[date, Circle]',
  colour: 'Colour',
  colours: 'list[Optional[Colour]]',
  literal: 'Literal[3]',
  literals: 'Literal["it\'s", "b"]',
  record: 'Named',
  records: 'Annotated[list[Named], {"minItems": 2}]',
  recursive: 'Tree',
  endless: 'Loop',
  pair: 'tuple[int, str]',
  row: 'tuple[float, ...]',
  empty: 'tuple[()]',
  place: 'At',
  matrix: 'Annotated[list[Annotated[list[float], {"minItems": 3}]], {"minItems": 2}]',
  short: 'Annotated[list[int], {"maxItems": 0}]',
  many: 'Annotated[set[int], {"minItems": 3}]',
  table: 'dict[int, date]',
  counts: 'Annotated[dict[str, int], {"minProperties": 2}]',
  numbered: 'Annotated[dict[int, Decimal], {"minProperties": 1}]',
  least: 'Annotated[float, {"minimum": 0.5, "maximum": 0.75}]',
  above: 'Annotated[int, {"exclusiveMinimum": 41}]',
  between: 'Annotated[float, {"exclusiveMinimum": 0, "exclusiveMaximum": 1}]',
  below: 'Annotated[int, {"exclusiveMaximum": -1.5}]',
  multiple: 'Annotated[int, {"multipleOf": 7, "exclusiveMinimum": 7}]',
  evens: 'Annotated[int, range(10, 20, 2)]',
  odds: 'Annotated[int, range(11, 20, 2)]',
  long: 'Annotated[str, {"minLength": 10}]',
  letter: 'Annotated[str, {"maxLength": 1}]',
  code: 'Annotated[str, {"pattern": "^[A-Z]{3}$"}]',
  bounded: 'Optional[Annotated[int, range(5, 9)]]',
  shown: 'Annotated[str, {"pattern": "^x-", "examples": ["x-1"]}]',
} as const;

test('a value of every hint is taken as it is shown', async () => {
  const parameters = Object.entries(HINTS).map(([name, hint]) => `${name}: ${hint}`);
  const handler = `${PRELUDE}\ndef predict(*, ${parameters.join(', ')}) -> bool:\n    return True\n`;
  const dev = new Dev([modelDirectory({ 'predict.py': handler }), '--json'], { env: new Home().env });
  const { example, handler: loaded } = await dev.event('ready');
  expect(loaded.warnings).toEqual([]);
  // Through a shell, as it is pasted: quotes have to survive.
  const answer = execFileSync('sh', ['-c', `${example} --silent --show-error`], { encoding: 'utf8' });
  expect(answer).toBe('true');
});
