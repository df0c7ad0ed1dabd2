"""Shapes: what a type hint says about a JSON value, with Python's many spellings behind it.

    hint --hints.py--> shape --schema.py--> JSON Schema
                             --convert.py-> function from JSON value to typed value

Shapes may be recursive through `Record` and `Alias`, so they are compared and remembered by identity.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

Mode = str
INPUT: Mode = "input"
OUTPUT: Mode = "output"


class NoDefault:
    """Marks the absence of a default, since None is one."""


@dataclass(eq=False, repr=False, match_args=False)
class Anything:
    """No hint, `Any`, or one that nothing is known about: every JSON value, handed over unchanged."""


@dataclass(eq=False, repr=False, match_args=False)
class Scalar:
    """One of the types in `scalars.py`. `build` makes a subclass of it, such as `class UserId(str)`."""

    kind: type
    build: type | None = None


@dataclass(eq=False, repr=False, match_args=False)
class Options:
    """A Literal or an Enum: JSON values and the Python values they stand for, in the same order."""

    values: tuple[Any, ...]
    members: tuple[Any, ...]
    name: str | None = None
    description: str | None = None


@dataclass(eq=False, repr=False, match_args=False)
class Array:
    items: "Shape"
    build: Callable[[list[Any]], Any]
    unique: bool = False


@dataclass(eq=False, repr=False, match_args=False)
class FixedArray:
    """A tuple with a type for each position, or a NamedTuple, whose last ones may have defaults."""

    items: "tuple[Shape, ...]"
    build: Callable[[list[Any]], Any]
    least: int


@dataclass(eq=False, repr=False, match_args=False)
class Mapping:
    keys: "Shape"
    values: "Shape"


@dataclass(eq=False, repr=False, match_args=False)
class Field:
    shape: "Shape"
    required: bool
    default: Any = NoDefault
    # False for what a dataclass makes itself: it is in answers and may not be sent.
    is_sent: bool = True
    # False for an InitVar: it may be sent, and is in no answer.
    is_answered: bool = True


@dataclass(eq=False, repr=False, match_args=False)
class Record:
    """A dataclass or TypedDict. Its fields are filled in after it exists, because one may hold the record itself."""

    name: str
    build: Callable[..., Any]
    description: str | None = None
    fields: dict[str, Field] = field(default_factory=dict)
    # A dataclass has a value for each field in the answer, whether the caller sent one or not.
    fills_defaults: bool = True


@dataclass(eq=False, repr=False, match_args=False)
class Alias:
    """`type Json = ...`: a name for a shape, which may hold the name itself."""

    name: str
    target: "Shape | None" = None


@dataclass(eq=False, repr=False, match_args=False)
class Choice:
    options: "tuple[Shape, ...]"


@dataclass(eq=False, repr=False, match_args=False)
class Constrained:
    """A shape and what Annotated adds to it."""

    shape: "Shape"
    metadata: tuple[Any, ...]


class Library(Protocol):
    """A type that a library of the user's describes and builds itself."""

    def schema(self, mode: Mode) -> dict[str, Any]: ...
    def convert(self, value: Any) -> Any: ...


@dataclass(eq=False, repr=False, match_args=False)
class Foreign:
    name: str
    library: Library


Shape = Anything | Scalar | Options | Array | FixedArray | Mapping | Record | Alias | Choice | Constrained | Foreign
