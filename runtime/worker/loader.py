"""Loads the handler: runs the user's file, makes its class, reads its signature. Every way this can fail is a
`LoadFailed` that names the user's file and line and, where there is one, the fix.
"""

import inspect
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from .annotations import signature_of
from .discover import find_class, find_function
from .failure import Failure, LoadFailed, failure_of
from .imports import add_to_path, import_file
from .remedy import remedy_for, shadowing_files
from .signature import Signature, read_signature
from .source import line_of

T = TypeVar("T")

# An async handler waits more than it computes.
_ASYNC_CONCURRENCY = 100


@dataclass(frozen=True)
class Start:
    """What the gateway says to load."""

    handler_dir: str
    entry: str
    config: dict[str, Any]
    model_dir: str
    concurrency: int | None


@dataclass(frozen=True)
class Handler:
    """The user's predict(), ready to be called."""

    name: str
    predict: Callable[..., Any]
    signature: Signature
    root: str
    is_async: bool
    concurrency: int
    load_seconds: float
    warnings: list[dict[str, Any]]

    def arguments(self, body: Any) -> dict[str, Any]:
        return self.signature.arguments(body)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "async": self.is_async,
            "streams": False,
            "batch": False,
            "arrays": {},
            "concurrency": self.concurrency,
            "python": platform.python_version(),
            "loadSeconds": round(self.load_seconds, 3),
            **self.signature.to_json(),
            "warnings": [*self.signature.warnings, *self.warnings],
        }


def load(start: Start) -> Handler:
    began = time.monotonic()
    root = os.path.abspath(start.handler_dir)
    name, predict = _find_predict(start, root)
    is_async = _is_async(predict)
    return Handler(
        name=name,
        predict=predict,
        signature=_users_code(lambda: read_signature(predict, root, start.entry), root),
        root=root,
        is_async=is_async,
        concurrency=start.concurrency or (_ASYNC_CONCURRENCY if is_async else 1),
        load_seconds=time.monotonic() - began,
        warnings=shadowing_files(root, start.entry),
    )


def _find_predict(start: Start, root: str) -> tuple[str, Callable[..., Any]]:
    module = _run_file(root, start.entry)
    if function := find_function(module):
        return "predict", function
    handler = find_class(module, start.entry)
    return handler.__name__, _make(handler, start, root).predict


def _run_file(root: str, entry: str) -> ModuleType:
    path = os.path.join(root, entry)
    if not os.path.isfile(path):
        raise LoadFailed(_missing(root, entry))
    add_to_path(root)
    if os.path.dirname(path) != root:
        add_to_path(os.path.dirname(path))
    return _users_code(lambda: import_file(path), root)


def _make(handler: type, start: Start, root: str) -> Any:
    """The handler's object; its `__init__` is given what it asks for by name."""
    injected = _injected(handler, start)
    return _users_code(lambda: handler(**injected), root)


def _injected(handler: type, start: Start) -> dict[str, Any]:
    offered = {"model_dir": Path(start.model_dir), "config": start.config}
    parameters = _parameters_of_init(handler)
    unknown = [name for name, one in parameters.items() if name not in offered and one.default is one.empty]
    if unknown:
        message = f"{handler.__name__}.__init__ asks for {', '.join(unknown)}, which nothing provides"
        hint = "Only model_dir and config are provided, by name. Give the others defaults, or read them from config."
        raise LoadFailed(Failure("load", "TypeError", message, file=start.entry, line=line_of(handler), hint=hint))
    # Most code that has said `str` concatenates; a Path serves everybody else.
    if "model_dir" in parameters and parameters["model_dir"].annotation in (str, "str"):
        offered["model_dir"] = start.model_dir
    return {name: value for name, value in offered.items() if name in parameters}


def _parameters_of_init(handler: type) -> dict[str, inspect.Parameter]:
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {name: one for name, one in signature_of(handler).parameters.items() if one.kind in named}


def _is_async(predict: Callable[..., Any]) -> bool:
    """Also behind a decorator that hands the coroutine through."""
    plain = inspect.unwrap(predict)
    return inspect.iscoroutinefunction(plain) or inspect.iscoroutinefunction(getattr(plain, "__call__", None))


def _users_code(run: Callable[[], T], root: str) -> T:
    try:
        return run()
    except LoadFailed:
        raise
    except BaseException as error:
        raise LoadFailed(failure_of("load", error, root, remedy_for(error, root))) from error


def _missing(root: str, entry: str) -> Failure:
    beside = sorted(name for name in os.listdir(root) if name.endswith(".py")) if os.path.isdir(root) else []
    found = f"found {', '.join(beside)}" if beside else "it has no Python files"
    hint = f"Create {entry} with a predict() function, or name the file that has it as the entry."
    return Failure("load", "FileNotFoundError", f"no {entry} in {root}: {found}", file=entry, hint=hint)
