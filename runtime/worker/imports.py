"""How the user's files get on Python's import path: their directory first, as if they had run the file themselves.

Nothing is written there: bytecode caches would wake file watchers and, with their timestamps in whole seconds, could
outlive a quick edit. The worker's own modules are already loaded, so a `json.py` of the user's cannot break them.
"""

import gc
import importlib.machinery
import importlib.util
import os
import sys
from types import CodeType, ModuleType

_EXTENSIONS = (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)

# Python itself may have been put there too.
_PYTHONS = os.path.dirname(os.__file__)

# The directories that are in front of the path.
_roots: list[str] = []


class _UncachedLoader(importlib.machinery.SourceFileLoader):
    """Compiles the source each time; the base class would look for and write `__pycache__`."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def end_own_imports() -> None:
    """What `__main__.py` has set for the worker's own modules becomes what the user's code expects."""
    # The worker's own have their bytecode, also where that was forbidden: compiling takes longer than all the rest.
    sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)
    # What is there by now stays: no collection need look through it.
    gc.freeze()
    gc.enable()


def add_to_path(directory: str) -> None:
    """Puts the model directory in front; packages installed below it, as in `.venv`, keep their caches."""
    root = os.path.abspath(directory)
    _roots.append(root)

    def finder_for(path: str) -> importlib.machinery.FileFinder:
        if not _is_own_file(path, root):
            raise ImportError(path)
        return importlib.machinery.FileFinder(path, _EXTENSIONS, (_UncachedLoader, importlib.machinery.SOURCE_SUFFIXES))

    sys.path_hooks.insert(0, finder_for)
    sys.path_importer_cache.clear()
    sys.path.insert(0, root)


def is_users(path: str) -> bool:
    """Whether it is the model directory or lies in it, outside of the packages that are installed there."""
    return any(_is_own_file(path, root) for root in _roots)


def _is_own_file(path: str, root: str) -> bool:
    return _is_below(path, root) and "site-packages" not in path and not _is_below(path, _PYTHONS)


def _is_below(path: str, directory: str) -> bool:
    return (os.path.abspath(path) + os.sep).startswith(directory + os.sep)


def import_file(path: str) -> ModuleType:
    """Runs the file as the module of its name, so that pickles and circular imports find it."""
    stem = os.path.splitext(os.path.basename(path))[0]
    # A file called `json.py` must not become Python's own json for everybody else.
    name = stem if stem.isidentifier() and stem not in sys.stdlib_module_names else "handler"
    spec = importlib.util.spec_from_file_location(name, path, loader=_UncachedLoader(name, path))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
