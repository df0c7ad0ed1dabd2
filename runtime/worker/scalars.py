"""The scalar types: what JSON Schema calls each one, and how its JSON form becomes the Python value.

Converters are strict about JSON types, because a Union tries them in turn. Types of modules such as datetime are known by
name: those modules take long to import, and whoever hints a type of theirs has its class, which reads text itself.
"""

import re
from collections.abc import Callable
from types import NoneType
from typing import Any

from .codec import InvalidInput
from .late import python_own

NUMBER_AS_TEXT = r"^-?\d+(\.\d+)?([eE][+-]?\d+)?$"

# Python 3.10 reads neither a `Z` nor a fraction of other than 3 or 6 digits.
_FRACTION = r"\.(\d+)"


class ScalarType:
    def __init__(self, schema: dict[str, Any], convert: Callable[[Any], Any]) -> None:
        self.schema = schema
        self.convert = convert


def is_scalar(kind: type) -> bool:
    if kind not in _known and (make := _BY_NAME.get((kind.__module__, kind.__qualname__))):
        _known[kind] = make(kind)
    return kind in _known


def scalar_type(kind: type) -> ScalarType:
    return _known[kind]


def to_str(value: Any) -> str:
    if not isinstance(value, str):
        raise _expected("a string", value)
    return value


def to_bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _expected("a boolean", value)
    return value


def to_int(value: Any) -> int:
    """JSON Schema calls 1.0 an integer, and so does this."""
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise _expected("an integer", value)


def to_float(value: Any) -> float:
    if type(value) is float:
        return value
    if type(value) is int:
        return _finite(value)
    raise _expected("a number", value)


def to_none(value: Any) -> None:
    if value is not None:
        raise _expected("null", value)


_known: dict[type, ScalarType] = {
    str: ScalarType({"type": "string"}, to_str),
    bool: ScalarType({"type": "boolean"}, to_bool),
    int: ScalarType({"type": "integer"}, to_int),
    float: ScalarType({"type": "number"}, to_float),
    NoneType: ScalarType({"type": "null"}, to_none),
}


def _bytes(_kind: type) -> ScalarType:
    decode = python_own("base64").b64decode
    from_text = _reader("base64", lambda text: decode(text, validate=True))
    # Packed bodies have them as they are.
    convert = lambda value: value if type(value) is bytes else from_text(value)  # noqa: E731
    return ScalarType({"type": "string", "contentEncoding": "base64"}, convert)


def _datetime(kind: Any) -> ScalarType:
    convert = _reader("a date-time", lambda text: kind.fromisoformat(_iso(text)))
    return ScalarType({"type": "string", "format": "date-time"}, convert)


def _date(kind: Any) -> ScalarType:
    return ScalarType({"type": "string", "format": "date"}, _reader("a date", kind.fromisoformat))


def _time(kind: Any) -> ScalarType:
    convert = _reader("a time", lambda text: kind.fromisoformat(_iso(text)))
    return ScalarType({"type": "string", "format": "time"}, convert)


def _uuid(kind: Any) -> ScalarType:
    return ScalarType({"type": "string", "format": "uuid"}, _reader("a UUID", kind))


def _decimal(kind: Any) -> ScalarType:
    return ScalarType({"type": "string", "pattern": NUMBER_AS_TEXT}, _reader("a decimal number", kind))


# By module and name.
_BY_NAME: dict[tuple[str, str], Callable[[type], ScalarType]] = {
    ("builtins", "bytes"): _bytes,
    ("datetime", "datetime"): _datetime,
    ("datetime", "date"): _date,
    ("datetime", "time"): _time,
    ("uuid", "UUID"): _uuid,
    ("decimal", "Decimal"): _decimal,
}


def json_type(value: Any) -> str:
    names = {NoneType: "null", bool: "a boolean", str: "a string", list: "an array", dict: "an object"}
    return names.get(type(value), "a number")


def _expected(what: str, value: Any) -> InvalidInput:
    return InvalidInput(f"expected {what}, got {json_type(value)}")


def _finite(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        raise InvalidInput("the number is too large") from None


def _reader(what: str, parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        text = to_str(value)
        try:
            return parse(text)
        # The latter is what Decimal raises.
        except (ValueError, ArithmeticError):
            raise InvalidInput(f"expected {what}, got {text[:40]!r}") from None

    return read


def _iso(text: str) -> str:
    text = text[:-1] + "+00:00" if text[-1:] in ("Z", "z") else text
    return re.sub(_FRACTION, lambda match: "." + match[1][:6].ljust(6, "0"), text)
