"""Which callable of the user's file is the handler: a module-level predict() or predict_batch(), or the one class that
has such a method.
"""

from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from .failure import Failure, LoadFailed
from .source import line_of

_HINT = "Define `def predict(...)` at module level, or one class with a `predict` method."


METHODS = ("predict", "predict_batch")


def functions_of(owner: Any) -> dict[str, Callable[..., Any]]:
    """Its predict and predict_batch, wherever they came from. Those of the module win over classes."""
    found = {name: getattr(owner, name, None) for name in METHODS}
    return {name: function for name, function in found.items() if callable(function)}


def find_class(module: ModuleType, entry: str) -> type:
    classes = _classes_with_predict(module)
    if len(classes) == 1:
        return classes[0]
    if classes:
        raise _ambiguous(classes, entry)
    raise LoadFailed(Failure("load", "NoHandler", _nothing_found(module, entry), file=entry, line=1, hint=_HINT))


def _classes_with_predict(module: ModuleType) -> list[type]:
    """Those defined here, without the abstract and those that others here inherit from."""
    candidates = [
        value
        for value in _own(module, type)
        if functions_of(value) and not getattr(value, "__abstractmethods__", None)
    ]
    return [one for one in candidates if not any(one in other.__mro__[1:] for other in candidates)]


def _ambiguous(classes: list[type], entry: str) -> LoadFailed:
    names = ", ".join(one.__name__ for one in classes)
    message = f"{entry} has {len(classes)} classes with a predict method: {names}"
    hint = "Keep one, or choose by a module-level `predict = MyClass().predict`."
    return LoadFailed(Failure("load", "NoHandler", message, file=entry, line=line_of(classes[1]), hint=hint))


def _nothing_found(module: ModuleType, entry: str) -> str:
    functions = [value.__name__ for value in _own(module, FunctionType)]
    classes = [_with_methods(value) for value in _own(module, type)]
    found = [*(f"function {name}" for name in functions), *(f"class {name}" for name in classes)]
    return f"{entry} has no predict(); found {', '.join(found) or 'no functions and no classes'}"


def _with_methods(value: type) -> str:
    functions = [name for name, member in vars(value).items() if isinstance(member, FunctionType)]
    methods = [name for name in functions if not name.startswith("_")]
    return f"{value.__name__} ({', '.join(methods)})" if methods else value.__name__


def _own(module: ModuleType, kind: type) -> list[Any]:
    return [value for value in vars(module).values() if isinstance(value, kind) and value.__module__ == module.__name__]
