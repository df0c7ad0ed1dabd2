"""Shapes: what a type hint says about a JSON value, with Python's many spellings behind it.

    hint --hints.py--> shape --schema.py--> JSON Schema
                             --convert.py-> function from JSON value to typed value

Shapes may be recursive through `Record` and `Alias`, so they are compared and remembered by identity. They are plain
classes, as all in the worker are: to make a dataclass of each would take longer than to read a handler's hints.
"""

from collections.abc import Callable
from typing import Any, Protocol

Mode = str
INPUT: Mode = "input"
OUTPUT: Mode = "output"


class NoDefault:
    """Marks the absence of a default, since None is one."""


class Anything:
    """No hint, `Any`, or one that nothing is known about: every JSON value, handed over unchanged."""


class Scalar:
    """One of the types in `scalars.py`. `build` makes a subclass of it, such as `class UserId(str)`."""

    def __init__(self, kind: type, build: type | None = None) -> None:
        self.kind = kind
        self.build = build


class Options:
    """A Literal or an Enum: JSON values and the Python values they stand for, in the same order."""

    def __init__(
        self, values: tuple[Any, ...], members: tuple[Any, ...], name: str | None = None, description: str | None = None
    ) -> None:
        self.values = values
        self.members = members
        self.name = name
        self.description = description


class Array:
    def __init__(self, items: "Shape", build: Callable[[list[Any]], Any], unique: bool = False) -> None:
        self.items = items
        self.build = build
        self.unique = unique


class FixedArray:
    """A tuple with a type for each position, or a NamedTuple, whose last ones may have defaults."""

    def __init__(self, items: "tuple[Shape, ...]", build: Callable[[list[Any]], Any], least: int) -> None:
        self.items = items
        self.build = build
        self.least = least


class Mapping:
    def __init__(self, keys: "Shape", values: "Shape") -> None:
        self.keys = keys
        self.values = values


class Field:
    def __init__(
        self, shape: "Shape", required: bool, default: Any = NoDefault, is_sent: bool = True, is_answered: bool = True
    ) -> None:
        self.shape = shape
        self.required = required
        self.default = default
        # False for what a dataclass makes itself: it is in answers and may not be sent.
        self.is_sent = is_sent
        # False for an InitVar: it may be sent, and is in no answer.
        self.is_answered = is_answered


class Record:
    """A dataclass or TypedDict. Its fields are filled in after it exists, because one may hold the record itself."""

    def __init__(self, name: str, build: Callable[..., Any], description: str | None, fills_defaults: bool) -> None:
        self.name = name
        self.build = build
        self.description = description
        self.fields: dict[str, Field] = {}
        # A dataclass has a value for each field in the answer, whether the caller sent one or not.
        self.fills_defaults = fills_defaults


class Alias:
    """`type Json = ...`: a name for a shape, which may hold the name itself."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.target: Shape | None = None


class Choice:
    def __init__(self, options: "tuple[Shape, ...]") -> None:
        self.options = options


class Constrained:
    """A shape and what Annotated adds to it."""

    def __init__(self, shape: "Shape", metadata: tuple[Any, ...]) -> None:
        self.shape = shape
        self.metadata = metadata


class Library(Protocol):
    """A type that a library of the user's describes and builds itself."""

    def schema(self, mode: Mode) -> dict[str, Any]: ...
    def convert(self, value: Any) -> Any: ...


class Foreign:
    def __init__(self, name: str, library: Library) -> None:
        self.name = name
        self.library = library


Shape = Anything | Scalar | Options | Array | FixedArray | Mapping | Record | Alias | Choice | Constrained | Foreign
