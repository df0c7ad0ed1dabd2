"""Python's own modules that few handlers need, imported when one does: how soon a worker is there counts.

By then the user's directory is on the path and its modules are loaded, some maybe under a name of Python's own, such as
`token.py`. While one of Python's is imported here, none of those is found.
"""

import functools
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from .imports import is_users


@functools.cache
def python_own(name: str) -> Any:
    """The module, whatever the user's files are called."""
    loaded = sys.modules.get(name)
    if loaded is not None and not _is_users_module(loaded):
        return loaded
    with without_users_files():
        return importlib.import_module(name)


@contextmanager
def without_users_files() -> Iterator[None]:
    path = sys.path[:]
    hidden = {name: module for name, module in list(sys.modules.items()) if _hides_python(name, module)}
    sys.path[:] = [entry for entry in path if not is_users(entry)]
    for name in hidden:
        del sys.modules[name]
    try:
        yield
    finally:
        sys.path[:] = path
        sys.modules.update(hidden)


def _hides_python(name: str, module: ModuleType) -> bool:
    return name.partition(".")[0] in sys.stdlib_module_names and _is_users_module(module)


def _is_users_module(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and is_users(file)
