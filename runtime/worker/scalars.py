"""The scalar types: what JSON Schema calls each one, and how its JSON form becomes the Python value.

Converters are strict about JSON types, because a Union tries them in turn.
"""

import base64
import re
import uuid
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from types import NoneType
from typing import Any, TypeVar

from .codec import InvalidInput

T = TypeVar("T")

SCHEMAS: dict[type, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    NoneType: {"type": "null"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    time: {"type": "string", "format": "time"},
    uuid.UUID: {"type": "string", "format": "uuid"},
    Decimal: {"type": "string", "pattern": r"^-?\d+(\.\d+)?([eE][+-]?\d+)?$"},
}

# Python 3.10 reads neither a `Z` nor a fraction of other than 3 or 6 digits.
_FRACTION = re.compile(r"\.(\d+)")


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


def to_bytes(value: Any) -> bytes:
    # Packed bodies have them as they are.
    if type(value) is bytes:
        return value
    return _parsed(value, "base64", lambda text: base64.b64decode(text, validate=True))


def to_datetime(value: Any) -> datetime:
    return _parsed(value, "a date-time", lambda text: datetime.fromisoformat(_iso(text)))


def to_date(value: Any) -> date:
    return _parsed(value, "a date", date.fromisoformat)


def to_time(value: Any) -> time:
    return _parsed(value, "a time", lambda text: time.fromisoformat(_iso(text)))


def to_uuid(value: Any) -> uuid.UUID:
    return _parsed(value, "a UUID", uuid.UUID)


def to_decimal(value: Any) -> Decimal:
    return _parsed(value, "a decimal number", Decimal)


CONVERTERS: dict[type, Callable[[Any], Any]] = {
    str: to_str,
    bool: to_bool,
    int: to_int,
    float: to_float,
    NoneType: to_none,
    bytes: to_bytes,
    datetime: to_datetime,
    date: to_date,
    time: to_time,
    uuid.UUID: to_uuid,
    Decimal: to_decimal,
}


def _expected(what: str, value: Any) -> InvalidInput:
    return InvalidInput(f"expected {what}, got {json_type(value)}")


def json_type(value: Any) -> str:
    names = {NoneType: "null", bool: "a boolean", str: "a string", list: "an array", dict: "an object"}
    return names.get(type(value), "a number")


def _finite(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        raise InvalidInput("the number is too large") from None


def _parsed(value: Any, what: str, parse: Callable[[str], T]) -> T:
    text = to_str(value)
    try:
        return parse(text)
    except (ValueError, InvalidOperation):
        raise InvalidInput(f"expected {what}, got {text[:40]!r}") from None


def _iso(text: str) -> str:
    text = text[:-1] + "+00:00" if text[-1:] in ("Z", "z") else text
    return _FRACTION.sub(lambda match: "." + match[1][:6].ljust(6, "0"), text)
