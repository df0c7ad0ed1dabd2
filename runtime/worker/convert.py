"""Shapes to functions that turn a JSON value into the typed value predict() asked for.

The gateway has already judged the request by the schema. Converters still check what they rely on: a Union tries its
options in turn, and constructors of the user's may refuse what a schema cannot say.
"""

from collections.abc import Callable
from typing import Any

from .codec import InvalidInput
from .scalars import json_type, scalar_type
from .shape import (
    Alias,
    Anything,
    Array,
    Choice,
    Constrained,
    Field,
    FixedArray,
    Foreign,
    Mapping,
    Options,
    Record,
    Scalar,
    Shape,
)

Convert = Callable[[Any], Any]


class Converters:
    def __init__(self) -> None:
        # By identity, so that a recursive record finds itself.
        self._named: dict[int, Convert] = {}

    def of(self, shape: Shape) -> Convert:
        match shape:
            case Anything():
                return unchanged
            case Scalar():
                return _scalar(shape)
            case Options():
                return _options(shape)
            case Array():
                is_float = isinstance(shape.items, Scalar) and shape.items.kind is float and not shape.items.build
                return _array(self.of(shape.items), shape.build, _ONLY_FLOATS if is_float else None)
            case FixedArray():
                return _fixed_array([self.of(item) for item in shape.items], shape)
            case Mapping():
                return _mapping(_key(shape.keys, self.of(shape.keys)), self.of(shape.values))
            case Record():
                return self._once(shape, lambda: self._record(shape))
            case Alias():
                return self._once(shape, lambda: self.of(shape.target or Anything()))
            case Choice():
                return _choice([self.of(option) for option in shape.options], shape)
            case Constrained():
                return self.of(shape.shape)
            case Foreign():
                return shape.library.convert

    def fields(self, fields: dict[str, Field], rest: Convert | None = None) -> Callable[[Any], dict[str, Any]]:
        """Converts an object field by field; `rest` converts the members without a field, which are refused without."""
        converters = {name: _defaulting(self.of(one.shape), one) for name, one in fields.items() if one.is_sent}
        required = [name for name, one in fields.items() if one.required]

        def convert(value: Any) -> dict[str, Any]:
            _expect(dict, "an object", value)
            for name in required:
                if name not in value:
                    raise InvalidInput(f"{name} is missing")
            return {name: _at(f".{name}", converters.get(name, rest) or _refuse, one) for name, one in value.items()}

        return convert

    def _record(self, record: Record) -> Convert:
        fields = self.fields(record.fields)
        return lambda value: _build(lambda members: record.build(**members), fields(value))

    def _once(self, shape: Shape, make: Callable[[], Convert]) -> Convert:
        if id(shape) not in self._named:
            self._named[id(shape)] = lambda value: self._named[id(shape)](value)
            self._named[id(shape)] = make()
        return self._named[id(shape)]


def unchanged(value: Any) -> Any:
    return value


def _scalar(scalar: Scalar) -> Convert:
    convert, build = scalar_type(scalar.kind).convert, scalar.build
    return (lambda value: _build(build, convert(value))) if build else convert


def _options(options: Options) -> Convert:
    # 1, 1.0 and True are one key in Python and three values in JSON.
    members = {(type(value), value): member for value, member in zip(options.values, options.members, strict=True)}

    def convert(value: Any) -> Any:
        # JSON Schema calls 1.0 an integer, and so does this.
        if type(value) is float and (float, value) not in members and value.is_integer():
            value = int(value)
        try:
            return members[type(value), value]
        except (KeyError, TypeError):
            allowed = ", ".join(map(repr, options.values))
            raise InvalidInput(f"expected one of {allowed}") from None

    return convert


# Long lists are nearly always of numbers: one look at their types instead of a call for each.
_ONLY_FLOATS = {float}


def _array(item: Convert, build: Callable[[list[Any]], Any], as_it_is: set[type] | None) -> Convert:
    def convert(value: Any) -> Any:
        _expect(list, "an array", value)
        if as_it_is and set(map(type, value)) == as_it_is:
            return _build(build, value)
        items = value if item is unchanged else [_at(f"[{index}]", item, one) for index, one in enumerate(value)]
        return _build(build, items)

    return convert


def _fixed_array(items: list[Convert], array: FixedArray) -> Convert:
    def convert(value: Any) -> Any:
        _expect(list, "an array", value)
        if not array.least <= len(value) <= len(items):
            raise InvalidInput(f"expected {len(items)} items, got {len(value)}")
        return _build(array.build, [_at(f"[{i}]", items[i], one) for i, one in enumerate(value)])

    return convert


def _mapping(key: Convert, item: Convert) -> Convert:
    def convert(value: Any) -> Any:
        _expect(dict, "an object", value)
        return {_at(f".{name}", key, name): _at(f".{name}", item, one) for name, one in value.items()}

    return convert


def _key(shape: Shape, convert: Convert) -> Convert:
    """Keys are strings in JSON, whatever they are in Python."""
    if isinstance(shape, Scalar) and shape.kind in (int, float):
        return lambda name: _build(shape.kind, name)
    return convert


def _choice(options: list[Convert], choice: Choice) -> Convert:
    """The first option that takes the value; but 3 stays an int and 3.0 a float where both are allowed."""
    exact = {option.kind for option in choice.options if isinstance(option, Scalar)} & {int, float}

    def convert(value: Any) -> Any:
        if type(value) in exact:
            return value
        refusals = []
        for option in options:
            try:
                return option(value)
            except InvalidInput as refusal:
                refusals.append(refusal)
        # The option that came furthest into the value is the one that was meant.
        raise max(refusals, key=lambda refusal: len(refusal.errors[0][0]))

    return convert


def _defaulting(convert: Convert, field: Field) -> Convert:
    """`text: str = None` takes null, as Python does."""
    return (lambda value: None if value is None else convert(value)) if field.default is None else convert


def _build(build: Callable[[Any], Any], value: Any) -> Any:
    try:
        return build(value)
    except InvalidInput:
        raise
    except (ValueError, TypeError, AssertionError) as error:
        raise InvalidInput(str(error) or type(error).__name__) from error


def _at(step: str, convert: Convert, value: Any) -> Any:
    try:
        return convert(value)
    except InvalidInput as error:
        error.move_under(step)
        raise


def _expect(kind: type, what: str, value: Any) -> None:
    if not isinstance(value, kind):
        raise InvalidInput(f"expected {what}, got {json_type(value)}")


def _refuse(_value: Any) -> Any:
    raise InvalidInput("is not a known name")
