"""Reads type hints into shapes. Everything comes from the standard library; types of the user's libraries are asked
for their own description (`foreign.py`). A hint that nothing is known about is served unchecked and remembered, so
that the user can be told.
"""

import collections.abc as abc
import enum
import re
import types
import typing
from collections.abc import Callable
from typing import Any

from .annotations import hints_of, resolve
from .foreign import foreign_shape
from .late import python_own
from .records import fields_of, is_dataclass
from .scalars import is_scalar
from .shape import (
    Alias,
    Anything,
    Array,
    Choice,
    Constrained,
    Field,
    FixedArray,
    Mapping,
    NoDefault,
    Options,
    Record,
    Scalar,
    Shape,
)

_ARRAYS: dict[Any, Callable[[list[Any]], Any]] = {
    list: list,
    set: set,
    frozenset: frozenset,
    abc.Sequence: list,
    abc.MutableSequence: list,
    abc.Collection: list,
    abc.Iterable: list,
    abc.Set: set,
    abc.MutableSet: set,
}
_SETS = (set, frozenset)
_MAPPINGS = (dict, abc.Mapping, abc.MutableMapping)
_JSON_SCALARS = (str, int, float, bool, types.NoneType)


class Unknown:
    """A hint that has no shape: `name` of the function or class `owner`."""

    def __init__(self, owner: Any, name: str, hint: Any) -> None:
        self.owner = owner
        self.name = name
        self.hint = hint


class HintReader:
    def __init__(self) -> None:
        self.unknown: list[Unknown] = []
        self._named: dict[int, Record | Alias | Options] = {}
        # Texts that are being read, and those that came to need an alias.
        self._texts: dict[tuple[str, str], Alias | None] = {}

    def read(self, hint: Any, owner: Any, name: str) -> Shape:
        """The shape of `hint`, which stands at `name` of the function or class `owner`."""
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if hint in (Any, object):
            return Anything()
        if origin is typing.Annotated:
            return Constrained(self.read(arguments[0], owner, name), tuple(arguments[1:]))
        if origin is typing.Literal:
            return _literal(arguments) or self._give_up(hint, owner, name)
        if origin in (typing.Union, types.UnionType):
            return Choice(tuple(self.read(one, owner, name) for one in arguments))
        if qualifier_of(hint):
            return self.read(arguments[0], owner, name)
        return (
            foreign_shape(hint)
            or self._indirect(hint, owner, name)
            or self._collection(origin or hint, arguments, owner, name)
            or self._class(origin or hint)
            or self._give_up(hint, owner, name)
        )

    def _indirect(self, hint: Any, owner: Any, name: str) -> Shape | None:
        """Hints that stand for another one: text, NewType, type variables and `type X = ...`."""
        # Python 3.10 resolves the text in "list[Tree]" and leaves that in list["Tree"] alone.
        if isinstance(hint, (str, typing.ForwardRef)):
            return self._text(getattr(hint, "__forward_arg__", hint), owner, name)
        if isinstance(hint, typing.NewType):
            return self.read(hint.__supertype__, owner, name)
        if isinstance(hint, typing.TypeVar):
            return self.read(hint.__bound__, owner, name) if hint.__bound__ else Anything()
        if _is_alias(typing.get_origin(hint)):
            generic = typing.get_origin(hint).__value__
            return self.read(generic[typing.get_args(hint)], owner, name)
        if not _is_alias(hint):
            return None
        if id(hint) not in self._named:
            alias = self._named[id(hint)] = Alias(hint.__name__)
            alias.target = self.read(hint.__value__, owner, name)
        return self._named[id(hint)]

    def _text(self, text: str, owner: Any, name: str) -> Shape:
        """A name that is met again while it is read, as in `Json = dict[str, "Json"] | str`, becomes an alias of itself."""
        place = (getattr(owner, "__module__", ""), text)
        if place in self._texts:
            alias = self._texts[place] = self._texts[place] or Alias(re.sub(r"\W+", "_", text))
            return alias
        self._texts[place] = None
        shape = self.read(resolve(text, owner), owner, name)
        if (alias := self._texts[place]) is None:
            del self._texts[place]
            return shape
        alias.target = shape
        return alias

    def _collection(self, kind: Any, arguments: tuple[Any, ...], owner: Any, name: str) -> Shape | None:
        if not isinstance(kind, type) or kind not in (tuple, *_ARRAYS, *_MAPPINGS):
            return None
        shapes = [self.read(one, owner, name) for one in arguments if one is not ...]
        if kind is tuple:
            return _tuple(shapes, arguments)
        if kind in _ARRAYS:
            return Array(shapes[0] if shapes else Anything(), _ARRAYS[kind], _ARRAYS[kind] in _SETS)
        keys, values = shapes or (Scalar(str), Anything())
        # Keys are text in JSON, which none of these is.
        return None if isinstance(keys, (Array, FixedArray, Mapping, Record)) else Mapping(keys, values)

    def _class(self, kind: Any) -> Shape | None:
        if kind is None:
            return Scalar(types.NoneType)
        if not isinstance(kind, type):
            return None
        if issubclass(kind, enum.Enum):
            return self._enum(kind)
        if is_dataclass(kind):
            return self._record(kind, kind, self._dataclass_fields)
        if typing.is_typeddict(kind) or _is_foreign_typeddict(kind):
            return self._record(kind, dict, self._typeddict_fields)
        if issubclass(kind, tuple) and hasattr(kind, "_fields"):
            return self._named_tuple(kind)
        return _scalar(kind)

    def _record(self, kind: type, build: Callable[..., Any], fields: Callable[[Any], dict[str, Field]]) -> Record:
        known = self._named.get(id(kind))
        if isinstance(known, Record):
            return known
        record = Record(kind.__name__, build, description_of(kind), fills_defaults=build is not dict)
        self._named[id(kind)] = record
        record.fields.update(fields(kind))
        return record

    def _dataclass_fields(self, kind: Any) -> dict[str, Field]:
        hints = hints_of(kind)
        fields = {
            one.name: Field(self.read(hints[one.name], kind, one.name), *_default_of(one), is_sent=one.init)
            for one in fields_of(kind)
        }
        for name, hint in hints.items():
            if isinstance(hint, python_own("dataclasses").InitVar):
                default = _default_of(kind.__dataclass_fields__[name])
                fields[name] = Field(self.read(hint.type, kind, name), *default, is_answered=False)
        return fields

    def _typeddict_fields(self, kind: Any) -> dict[str, Field]:
        """With postponed annotations __required_keys__ overlooks Required and NotRequired: the hints decide."""
        fields = {}
        for name, hint in hints_of(kind).items():
            qualifier = qualifier_of(hint)
            required = qualifier == "Required" or (qualifier != "NotRequired" and name in kind.__required_keys__)
            fields[name] = Field(self.read(hint, kind, name), required)
        return fields

    def _named_tuple(self, kind: Any) -> FixedArray:
        hints = hints_of(kind)
        items = tuple(self.read(hints.get(name, Any), kind, name) for name in kind._fields)
        return FixedArray(items, lambda values: kind(*values), len(items) - len(kind._field_defaults))

    def _enum(self, kind: type[enum.Enum]) -> Shape | None:
        members = tuple(kind)
        values = tuple(one.value for one in members)
        if not all(type(value) in _JSON_SCALARS for value in values):
            return None
        options = Options(values, members, kind.__name__, description_of(kind))
        return self._named.setdefault(id(kind), options)

    def _give_up(self, hint: Any, owner: Any, name: str) -> Anything:
        self.unknown.append(Unknown(owner, name, hint))
        return Anything()


def qualifier_of(hint: Any) -> str | None:
    """Required, NotRequired, ReadOnly, Final or ClassVar, also those of typing_extensions."""
    name = getattr(typing.get_origin(hint), "_name", None)
    return name if name in ("Required", "NotRequired", "ReadOnly", "Final", "ClassVar") else None


def description_of(kind: type) -> str | None:
    """The class's own docstring; dataclasses and enums without one are given one that says nothing."""
    text = vars(kind).get("__doc__")
    if not text or text.startswith(f"{kind.__name__}(") or text == enum.Enum.__doc__ or text == "An enumeration.":
        return None
    return python_own("inspect").cleandoc(text)


def _is_alias(hint: Any) -> bool:
    """Whether a `type` statement made it: Python 3.12 has those, and typing_extensions for the others."""
    return type(hint).__name__ == "TypeAliasType"


def _literal(members: tuple[Any, ...]) -> Options | None:
    values = tuple(one.value if isinstance(one, enum.Enum) else one for one in members)
    return Options(values, members) if all(type(value) in _JSON_SCALARS for value in values) else None


def _tuple(shapes: list[Shape], arguments: tuple[Any, ...]) -> Shape:
    if not arguments or arguments[-1] is ...:
        return Array(shapes[0] if shapes else Anything(), tuple)
    return FixedArray(tuple(shapes), tuple, len(shapes))


def _scalar(kind: type) -> Scalar | None:
    if is_scalar(kind):
        return Scalar(kind)
    base = next((one for one in (str, int, float) if issubclass(kind, one)), None)
    return Scalar(base, build=kind) if base else None


def _default_of(one: Any) -> tuple[bool, Any]:
    """Whether the caller must send the field, and its default. Other factories than these are not run for a schema."""
    missing = python_own("dataclasses").MISSING
    if one.default is not missing:
        return False, one.default
    if one.default_factory is missing:
        return one.init, NoDefault
    return False, one.default_factory() if one.default_factory in (list, dict, set, tuple) else NoDefault


def _is_foreign_typeddict(kind: type) -> bool:
    return issubclass(kind, dict) and hasattr(kind, "__required_keys__")
