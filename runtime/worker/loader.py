"""Loads the handler: runs the user's file, makes its class, reads its signature. Every way this can fail is a
`LoadFailed` that names the user's file and line and, where there is one, the fix.
"""

import os
import sys
import time
from collections.abc import Callable
from functools import cached_property
from types import ModuleType
from typing import Any, TypeVar

from .annotations import hints_of
from .arrays import Form, array_dtypes, array_forms
from .discover import find_class, functions_of
from .codec import decode
from .failure import Failure, LoadFailed, failure_of
from .frames import Flag
from .imports import add_to_path, import_file
from .kind import is_async, is_stream
from .late import python_own
from .packed import decode_packed
from .parameters import Parameter, parameters_of
from .remedy import remedy_for, shadowing_files
from .signature import Gather, Signature, function_of, read_signature
from .source import line_of

T = TypeVar("T")

# An async handler waits more than it computes.
_ASYNC_CONCURRENCY = 100

_OPENAI_APIS = ("chat", "completions", "embeddings")

# What a class may ask for in its `__init__`.
_PROVIDED = ("model_dir", "config")


class Start:
    """What the gateway says to load."""

    def __init__(
        self, handler_dir: str, entry: str, config: dict[str, Any], model_dir: str, concurrency: int | None
    ) -> None:
        self.handler_dir = handler_dir
        self.entry = entry
        self.config = config
        self.model_dir = model_dir
        self.concurrency = concurrency


class Handler:
    """The user's predict(), or predict_batch(), ready to be called."""

    def __init__(
        self,
        name: str,
        predict: Callable[..., Any],
        signature: Signature,
        gather: Gather | None,
        root: str,
        is_async: bool,
        streams: bool,
        openai: str | None,
        concurrency: int,
        load_seconds: float,
        warnings: list[dict[str, Any]],
    ) -> None:
        self.name = name
        self.predict = predict
        self.signature = signature
        # Of a predict_batch(): makes one call's arguments of several items.
        self.gather = gather
        self.root = root
        self.is_async = is_async
        self.streams = streams
        self.openai = openai
        self.concurrency = concurrency
        self.load_seconds = load_seconds
        self.warnings = warnings

    def arguments(self, flags: int, body: bytes | bytearray) -> Any:
        """Of a request's body, predict()'s keyword arguments, or predict_batch()'s item."""
        value = decode_packed(body, self.forms)[0] if flags & Flag.PACKED else decode(body)
        return self.signature.arguments(value)

    @cached_property
    def forms(self) -> dict[str, Form]:
        return array_forms(self.signature.members)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "async": self.is_async,
            "streams": self.streams,
            "batch": self.gather is not None,
            **({"openai": self.openai} if self.openai else {}),
            "arrays": array_dtypes(self.signature.members),
            "concurrency": self.concurrency,
            "python": sys.version.partition(" ")[0],
            "loadSeconds": round(self.load_seconds, 3),
            **self.signature.to_json(),
            "warnings": [*self.signature.warnings, *self.warnings],
        }


def load(start: Start) -> Handler:
    began = time.monotonic()
    root = os.path.abspath(start.handler_dir)
    found = _find(start, root)
    predict = found.functions.get("predict")
    called = found.functions.get("predict_batch") or predict
    assert called is not None
    hints = _users_code(lambda: hints_of(function_of(called)), root)
    is_batch = called is not predict
    streams = not is_batch and is_stream(called, hints)
    signature, gather = _users_code(lambda: _read(found.functions, root, start.entry), root)
    waits = is_async(called, hints)
    return Handler(
        name=found.name,
        predict=called,
        signature=signature,
        gather=gather,
        root=root,
        is_async=waits,
        streams=streams,
        openai=found.openai,
        concurrency=start.concurrency or (_ASYNC_CONCURRENCY if waits and not is_batch else 1),
        load_seconds=time.monotonic() - began,
        warnings=shadowing_files(root, start.entry),
    )


def _read(functions: dict[str, Callable[..., Any]], root: str, entry: str) -> tuple[Signature, Gather | None]:
    if batch := functions.get("predict_batch"):
        from .batch_signature import read_batch_signature

        return read_batch_signature(batch, functions.get("predict"), root, entry)
    return read_signature(functions["predict"], root, entry), None


class _Found:
    def __init__(self, name: str, functions: dict[str, Callable[..., Any]], openai: str | None) -> None:
        self.name = name
        self.functions = functions
        # Which of OpenAI's APIs the module or class says it answers.
        self.openai = openai


def _find(start: Start, root: str) -> _Found:
    module = _run_file(root, start.entry)
    if functions := functions_of(module):
        return _Found(next(iter(functions)), functions, _openai(module, start.entry))
    handler = find_class(module, start.entry)
    made = _make(handler, start, root)
    openai = _openai(made, start.entry) or _openai(module, start.entry)
    return _Found(handler.__name__, functions_of(made), openai)


def _openai(owner: Any, entry: str) -> str | None:
    """A text only: a file that imports the library of that name has it under this name too."""
    api = getattr(owner, "openai", None)
    if not isinstance(api, str):
        return None
    if api in _OPENAI_APIS:
        return api
    message = f"openai = {api!r} is none of {', '.join(_OPENAI_APIS)}"
    raise LoadFailed(Failure("load", "ValueError", message, file=entry, line=1, hint="Write one of these, or leave it out."))


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
    parameters = {name: one for name, one in parameters_of(handler).items() if one.is_named}
    unknown = [name for name, one in parameters.items() if name not in _PROVIDED and one.is_required]
    if unknown:
        message = f"{handler.__name__}.__init__ asks for {', '.join(unknown)}, which nothing provides"
        hint = "Only model_dir and config are provided, by name. Give the others defaults, or read them from config."
        raise LoadFailed(Failure("load", "TypeError", message, file=start.entry, line=line_of(handler), hint=hint))
    return {name: _provided(one, start) for name, one in parameters.items() if name in _PROVIDED}


def _provided(parameter: Parameter, start: Start) -> Any:
    if parameter.name == "config":
        return start.config
    # Most code that has said `str` concatenates; a Path serves everybody else.
    if parameter.annotation in (str, "str"):
        return start.model_dir
    return python_own("pathlib").Path(start.model_dir)


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
