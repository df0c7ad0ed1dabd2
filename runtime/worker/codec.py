"""Bytes to values and back: the request's JSON as Python reads it, and what predict() returned as JSON.

Only what every JSON reader understands leaves the worker: NaN, infinities and cycles are an `InvalidResult` that says
where in the result they stand. Values of libraries that the user's code brought along are recognised by their methods.
"""

import binascii
import enum
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from .frames import MAX_BODY_BYTES
from .records import members_of

_NO_FORM = "has no JSON form"

# Types by module and name: their modules take long to import, and whoever has a value of one has done it.
_WRITTEN: dict[tuple[str, str], Callable[[Any], str]] = {
    ("datetime", "datetime"): lambda value: value.isoformat(),
    ("datetime", "date"): lambda value: value.isoformat(),
    ("datetime", "time"): lambda value: value.isoformat(),
    ("uuid", "UUID"): str,
    ("decimal", "Decimal"): str,
}


class InvalidInput(Exception):
    """Values that the schema let through and Python refuses, each with its path from here, such as `.features[0]`."""

    def __init__(self, message: str, path: str = "") -> None:
        self.errors = [(path, message)]

    def move_under(self, step: str) -> None:
        """Seen from one level up: `step` is `.name` or `[index]`."""
        self.errors = [(step + path, message) for path, message in self.errors]

    def __str__(self) -> str:
        return "; ".join(f"${path}: {message}" for path, message in self.errors)


class InvalidResult(Exception):
    """What predict() returned has no JSON form."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def decode(body: bytes | bytearray) -> Any:
    try:
        text = str(body, "utf-8")
        try:
            value, end = _scan(text, 0)
        except StopIteration:
            end = -1
        # White space around the value is rare: the whole reader, which allows it, also explains what is wrong.
        return value if end == len(text) else _decoder.decode(text)
    except RecursionError:
        raise InvalidInput("the value is nested too deeply") from None
    except ValueError as error:
        raise InvalidInput(f"not JSON: {error}") from None


def encode(value: Any) -> bytes:
    result = _write(value)
    check_size(result)
    return result


def check_size(result: bytes) -> None:
    if len(result) > MAX_BODY_BYTES:
        message = f"the result is {len(result)} bytes, and {MAX_BODY_BYTES} is the most that can be answered"
        raise InvalidResult(message, "Return less, or the place where the result is stored.")


def _write(value: Any) -> bytes:
    try:
        return _encoder.encode(value).encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair has no UTF-8 form; its escape is valid JSON.
        return _escaping_encoder.encode(value).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise _explain(value, error) from error


def to_json(value: Any) -> Any:
    """One step towards JSON for a value that the json module does not know."""
    if (members := members_of(value)) is not None:
        return members
    if hasattr(value, "__struct_fields__"):
        return {name: getattr(value, name) for name in value.__struct_fields__}
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if hasattr(value, "tolist"):
        return value.tolist()
    return _standard(value)


def _standard(value: Any) -> Any:
    match value:
        case enum.Enum():
            return value.value
        case bytes() | bytearray() | memoryview():
            return binascii.b2a_base64(value, newline=False).decode("ascii")
        case set() | frozenset():
            return list(value)
        case Mapping():
            return dict(value)
    for kind in type(value).__mro__:
        if write := _WRITTEN.get((kind.__module__, kind.__qualname__)):
            return write(value)
    raise TypeError(f"{type(value).__name__} {_NO_FORM}")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


# json.loads() and json.dumps() make theirs anew for each call with options, which takes longer than a small value does.
_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
_scan = _decoder.scan_once
# Made here, too, because the user's code may replace what is in the json module.
_encoder = json.JSONEncoder(default=to_json, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
_escaping_encoder = json.JSONEncoder(default=to_json, allow_nan=False, separators=(",", ":"))


def _explain(value: Any, error: Exception) -> InvalidResult:
    """Looks for the value that json.dumps stumbled over, which its message does not name."""
    try:
        path, culprit = _find(value, "$", ()) or ("$", value)
    except RecursionError:
        return InvalidResult("the result is nested too deeply", "Return a flatter value.")
    if isinstance(culprit, int):
        return InvalidResult(f"{path} is an integer that has too many digits to be written", "Return it as text.")
    if isinstance(culprit, float):
        return InvalidResult(f"{path} is {culprit}, which JSON cannot express", "Return a finite number or None.")
    if isinstance(culprit, (dict, list, tuple)) and not isinstance(error, TypeError):
        return InvalidResult(f"{path} contains itself", "Return a value without a cycle.")
    detail = "" if str(error).endswith(_NO_FORM) else f": {error}"
    return InvalidResult(
        f"{path} is of type {type(culprit).__name__}, which {_NO_FORM}{detail}",
        "Return dicts, lists, strings, numbers, booleans, None, dataclasses, pydantic models or arrays.",
    )


def _find(value: Any, path: str, above: tuple[int, ...]) -> tuple[str, Any] | None:
    """The first value below `value` that has no JSON form, with its path."""
    if value is None or isinstance(value, str):
        return None
    if isinstance(value, int):
        return (path, value) if _is_too_long(value) else None
    if isinstance(value, float):
        return None if math.isfinite(value) else (path, value)
    if id(value) in above:
        return path, value
    try:
        steps = _children(value)
    except RecursionError:
        raise
    except Exception:
        return path, value
    for step, child in steps:
        if found := _find(child, path + step, (*above, id(value))):
            return found
    return None


def _is_too_long(value: int) -> bool:
    """Python writes no integers of thousands of digits, which would take it minutes."""
    try:
        int.__repr__(value)
    except ValueError:
        return True
    return False


def _children(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        _encoder.encode(dict.fromkeys(value))
        return [(f".{key}", child) for key, child in value.items()]
    if isinstance(value, (list, tuple)):
        return [(f"[{index}]", child) for index, child in enumerate(value)]
    return [("", to_json(value))]
