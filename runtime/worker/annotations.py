"""The hints of a function or class, resolved as far as they can be: one name that exists only for the type checker
costs its own parameter its hint and no other.
"""

import sys
import typing
from typing import Any

from .source import unwrapped

if sys.version_info >= (3, 14):
    import annotationlib


class Unresolved:
    """A hint whose name does not exist when the program runs."""

    def __init__(self, text: str) -> None:
        self.text = text


def hints_of(owner: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(owner, include_extras=True)
    except Exception:
        return {name: resolve(hint, one) for one, name, hint in _raw_hints(owner)}


def resolve(hint: Any, owner: Any) -> Any:
    """A hint that is still text, read where its owner was written."""
    text = getattr(hint, "__forward_arg__", hint)
    if not isinstance(text, str):
        return hint
    try:
        return eval(text, _namespace(owner))
    except Exception:
        return Unresolved(text)


def _raw_hints(owner: Any) -> list[tuple[Any, str, Any]]:
    owners = reversed(owner.__mro__) if isinstance(owner, type) else [unwrapped(owner)]
    return [(one, name, hint) for one in owners for name, hint in _annotations(one).items()]


def _annotations(owner: Any) -> dict[str, Any]:
    if sys.version_info >= (3, 14):
        return annotationlib.get_annotations(owner, format=annotationlib.Format.FORWARDREF)
    found = vars(owner).get("__annotations__") if isinstance(owner, type) else getattr(owner, "__annotations__", None)
    return dict(found) if isinstance(found, dict) else {}


def _namespace(owner: Any) -> dict[str, Any]:
    if isinstance(owner, type):
        return vars(sys.modules.get(owner.__module__, typing))
    return getattr(owner, "__globals__", {})
