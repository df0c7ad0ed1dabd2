"""What kind of callable a handler is: sync or async, one answer or a stream of them.

Read off the flags that Python gives a function's code, as `inspect` does, which takes long to import.
"""

import collections.abc as abc
import functools
import typing
from collections.abc import Callable
from types import CodeType, MethodType
from typing import Any

from .source import unwrapped

_GENERATOR = 0x20
_COROUTINE = 0x80
_ASYNC_GENERATOR = 0x200

_ASYNC_STREAMS = (abc.AsyncIterator, abc.AsyncGenerator, abc.AsyncIterable)
_STREAMS = (abc.Iterator, abc.Generator, *_ASYNC_STREAMS)


def is_async(function: Callable[..., Any], hints: dict[str, Any]) -> bool:
    """Also behind a decorator that hands the coroutine through."""
    return bool(_flags(function) & (_COROUTINE | _ASYNC_GENERATOR)) or _origin(hints) in _ASYNC_STREAMS


def is_stream(function: Callable[..., Any], hints: dict[str, Any]) -> bool:
    return bool(_flags(function) & (_GENERATOR | _ASYNC_GENERATOR)) or _origin(hints) in _STREAMS


def is_generator(function: Any) -> bool:
    """The function itself: a decorator may have made a list of what the one behind it yields."""
    return bool(_own_flags(function) & (_GENERATOR | _ASYNC_GENERATOR))


def item_hint(hints: dict[str, Any]) -> Any:
    """Of `Iterator[X]` or a generator of X, X; of a generator that says something else, nothing is known."""
    arguments = typing.get_args(hints.get("return"))
    return arguments[0] if _origin(hints) in (*_STREAMS, abc.Iterable) and arguments else Any


def _flags(function: Any) -> int:
    plain = unwrapped(function)
    return _own_flags(plain) | _own_flags(getattr(plain, "__call__", None))


def _own_flags(function: Any) -> int:
    while isinstance(function, (MethodType, functools.partial)):
        function = function.__func__ if isinstance(function, MethodType) else function.func
    code = getattr(function, "__code__", None)
    flags = code.co_flags if isinstance(code, CodeType) else 0
    # `inspect.markcoroutinefunction` says it of what only returns one.
    return flags | _COROUTINE if getattr(function, "_is_coroutine_marker", None) else flags


def _origin(hints: dict[str, Any]) -> Any:
    hint = hints.get("return")
    return typing.get_origin(hint) or hint
