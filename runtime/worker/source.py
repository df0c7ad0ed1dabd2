"""Where in the user's files something stands. Code that was made at run time stands nowhere."""

import os
import re
from types import CodeType, FunctionType, MethodType
from typing import Any

from .late import python_own

# More than anybody has, and an end to objects that have every attribute they are asked for.
_MOST_DECORATORS = 100


def unwrapped(function: Any) -> Any:
    """What its decorators stand in front of."""
    for _ in range(_MOST_DECORATORS):
        if isinstance(function, type) or not hasattr(function, "__wrapped__"):
            break
        function = function.__wrapped__
    return function


def line_of(owner: Any) -> int | None:
    code = _code_of(owner)
    return code.co_firstlineno if code else _lines(owner)[1]


def line_of_name(owner: Any, name: str) -> int | None:
    """The line that gives `name` its hint, in the function or class `owner`."""
    lines, first = _lines(owner)
    mark = r"->" if name == "return" else rf"\b{re.escape(name)}\s*:"
    found = (number for number, line in enumerate(lines) if re.search(mark, line))
    return None if first is None else first + next(found, 0)


def file_of(owner: Any) -> str | None:
    if code := _code_of(owner):
        return code.co_filename
    try:
        return python_own("inspect").getsourcefile(unwrapped(owner))
    except TypeError:
        return None


def _code_of(owner: Any) -> CodeType | None:
    """That of a function which was read from a file: it says what `inspect` takes long to be imported for."""
    function = unwrapped(owner)
    if isinstance(function, MethodType):
        function = function.__func__
    if not isinstance(function, FunctionType) or not os.path.isfile(function.__code__.co_filename):
        return None
    return function.__code__


def _lines(owner: Any) -> tuple[list[str], int | None]:
    try:
        return python_own("inspect").getsourcelines(unwrapped(owner))
    except (OSError, TypeError):
        return [], None
