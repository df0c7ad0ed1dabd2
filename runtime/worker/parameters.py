"""A callable's parameters. Those of plain functions, of their methods and of classes that have one as their `__init__` are
read off their code; for everything else `inspect` is asked, which takes long to import.
"""

import sys
from enum import IntEnum
from types import FunctionType, MethodType
from typing import Any

from .late import python_own

_HAS_STAR_ARGS = 0x04
_HAS_STAR_KWARGS = 0x08

_WORDS = ("__wrapped__", "__signature__", "_partialmethod", "__partialmethod__")


class Kind(IntEnum):
    """In the order in which they stand, and by the numbers that `inspect` gives them."""

    POSITIONAL_ONLY = 0
    POSITIONAL_OR_KEYWORD = 1
    VAR_POSITIONAL = 2
    KEYWORD_ONLY = 3
    VAR_KEYWORD = 4


class Parameter:
    def __init__(self, name: str, kind: Kind, default: tuple[Any, ...], annotation: Any) -> None:
        self.name = name
        self.kind = kind
        # Whether the caller must give it.
        self.is_required = not default
        self.default = default[0] if default else None
        # As it is written: text where hints are postponed.
        self.annotation = annotation

    @property
    def is_named(self) -> bool:
        return self.kind in (Kind.POSITIONAL_OR_KEYWORD, Kind.KEYWORD_ONLY)


def parameters_of(callable: Any) -> dict[str, Parameter]:
    """Raises what `inspect.signature` does when there is nothing to read."""
    plain, bound = _plain(callable)
    if plain is None:
        return _inspected(callable)
    return {one.name: one for one in _read(plain)[bound:]}


def _plain(callable: Any) -> tuple[FunctionType | None, int]:
    """The function whose code says all, and how many of its parameters its callers do not see."""
    # Python 3.14 evaluates annotations when asked, each of which may fail: `inspect` knows how to go on.
    if sys.version_info >= (3, 14):
        return None, 0
    if isinstance(callable, MethodType):
        return _with_self(callable.__func__)
    if isinstance(callable, type):
        # A metaclass or a `__new__` may take something else.
        is_usual = type(callable) is type and callable.__new__ is object.__new__ and not _has_own_words(callable)
        if is_usual and callable.__init__ is object.__init__:
            return _nothing, 0
        return _with_self(callable.__init__) if is_usual else (None, 0)
    return (callable if _is_plain(callable) else None), 0


def _with_self(function: Any) -> tuple[FunctionType | None, int]:
    has_self = _is_plain(function) and function.__code__.co_argcount > 0
    return (function, 1) if has_self else (None, 0)


def _is_plain(function: Any) -> bool:
    return type(function) is FunctionType and not _has_own_words(function)


def _nothing() -> None:
    """What a class without an `__init__` takes."""


def _has_own_words(callable: Any) -> bool:
    """Whether it is a decorator's work, or says itself what it takes."""
    return any(hasattr(callable, name) for name in _WORDS)


def _read(function: FunctionType) -> list[Parameter]:
    code, annotations = function.__code__, function.__annotations__
    positional, named = code.co_argcount, code.co_kwonlyargcount
    defaults, named_defaults = function.__defaults__ or (), function.__kwdefaults__ or {}
    names = iter(code.co_varnames)
    found = []

    def add(kind: Kind, default: tuple[Any, ...] = ()) -> None:
        name = next(names)
        found.append(Parameter(name, kind, default, annotations.get(name)))

    # In the code the keyword-only ones come before `*args`.
    for index in range(positional):
        is_unnamed = index < code.co_posonlyargcount
        from_end = index - positional
        default = defaults[from_end:][:1] if -from_end <= len(defaults) else ()
        add(Kind.POSITIONAL_ONLY if is_unnamed else Kind.POSITIONAL_OR_KEYWORD, default)
    for name in code.co_varnames[positional : positional + named]:
        add(Kind.KEYWORD_ONLY, (named_defaults[name],) if name in named_defaults else ())
    if code.co_flags & _HAS_STAR_ARGS:
        add(Kind.VAR_POSITIONAL)
    if code.co_flags & _HAS_STAR_KWARGS:
        add(Kind.VAR_KEYWORD)
    return sorted(found, key=lambda one: one.kind)


def _inspected(callable: Any) -> dict[str, Parameter]:
    inspect = python_own("inspect")
    signature = inspect.signature(callable, **_without_evaluating())
    return {
        name: Parameter(
            name,
            Kind(one.kind),
            () if one.default is one.empty else (one.default,),
            None if one.annotation is one.empty else one.annotation,
        )
        for name, one in signature.parameters.items()
    }


def _without_evaluating() -> dict[str, Any]:
    """Python 3.14 evaluates annotations when asked, and asking for values fails on the first unresolved name."""
    if sys.version_info < (3, 14):
        return {}
    return {"annotation_format": python_own("annotationlib").Format.FORWARDREF}
