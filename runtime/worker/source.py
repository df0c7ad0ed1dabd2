"""Where in the user's files something stands. Code that was made at run time stands nowhere."""

import inspect
import re
from typing import Any


def line_of(owner: Any) -> int | None:
    return _lines(owner)[1]


def line_of_name(owner: Any, name: str) -> int | None:
    """The line that gives `name` its hint, in the function or class `owner`."""
    lines, first = _lines(owner)
    mark = r"->" if name == "return" else rf"\b{re.escape(name)}\s*:"
    found = (number for number, line in enumerate(lines) if re.search(mark, line))
    return None if first is None else first + next(found, 0)


def file_of(owner: Any) -> str | None:
    try:
        return inspect.getsourcefile(inspect.unwrap(owner))
    except TypeError:
        return None


def _lines(owner: Any) -> tuple[list[str], int | None]:
    try:
        return inspect.getsourcelines(inspect.unwrap(owner))
    except (OSError, TypeError):
        return [], None
