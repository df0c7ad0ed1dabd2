"""What kind of callable a handler is: sync or async, one answer or a stream of them."""

import collections.abc as abc
import inspect
import typing
from collections.abc import Callable
from typing import Any

_ASYNC_STREAMS = (abc.AsyncIterator, abc.AsyncGenerator, abc.AsyncIterable)
_STREAMS = (abc.Iterator, abc.Generator, *_ASYNC_STREAMS)


def is_async(function: Callable[..., Any], hints: dict[str, Any]) -> bool:
    """Also behind a decorator that hands the coroutine through."""
    return _is(inspect.iscoroutinefunction, function) or _is_async_stream(function, hints)


def is_stream(function: Callable[..., Any], hints: dict[str, Any]) -> bool:
    is_generator = _is(inspect.isgeneratorfunction, function) or _is(inspect.isasyncgenfunction, function)
    return is_generator or _origin(hints) in _STREAMS


def item_hint(hints: dict[str, Any]) -> Any:
    """Of `Iterator[X]` or a generator of X, X; of a generator that says something else, nothing is known."""
    arguments = typing.get_args(hints.get("return"))
    return arguments[0] if _origin(hints) in (*_STREAMS, abc.Iterable) and arguments else Any


def _is_async_stream(function: Callable[..., Any], hints: dict[str, Any]) -> bool:
    return _is(inspect.isasyncgenfunction, function) or _origin(hints) in _ASYNC_STREAMS


def _is(kind: Callable[[Any], bool], function: Callable[..., Any]) -> bool:
    plain = inspect.unwrap(function)
    return kind(plain) or kind(getattr(plain, "__call__", None))


def _origin(hints: dict[str, Any]) -> Any:
    hint = hints.get("return")
    return typing.get_origin(hint) or hint
