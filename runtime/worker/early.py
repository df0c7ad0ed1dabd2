"""Imports that take long or that must not meet a file of the user's, in the right order around the load.

Everything that each worker needs is imported before the user's directory comes on the path, where a `logging.py` would
hide Python's own. What few need waits until they do (`late.py`); asyncio, which alone takes longer than all the rest, is
imported if the handler looks as if it needs it.
"""

import importlib
import os

from .call import Calls, Worker
from .lanes import SingleLanes
from .late import without_users_files

# What the worker comes to need for some handlers, and Python itself for a traceback.
_LATER = ("ast", "base64", "dataclasses", "inspect", "pathlib", "unicodedata")


def import_early(directory: str, entry: str, concurrency: int | None) -> None:
    path = os.path.join(directory, entry)
    if concurrency and concurrency > 1:
        import ctypes  # noqa: F401
    for name in _LATER:
        # Once it is loaded, a file of the user's that has its name is found by nobody.
        if any(_has_module(one, name) for one in {directory, os.path.dirname(path)}):
            importlib.import_module(name)
    if _looks_async(path):
        from . import tasks  # noqa: F401


def _has_module(directory: str, name: str) -> bool:
    path = os.path.join(directory, name)
    return os.path.exists(f"{path}.py") or os.path.isdir(path)


def _looks_async(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return b"async" in file.read()
    except OSError:
        # What is wrong with it, the loader says.
        return False


def calls_of(worker: Worker) -> Calls:
    if worker.handler.is_async:
        # Of an async handler whose file does not have the word, such as one that comes out of a module of theirs.
        with without_users_files():
            from .tasks import Tasks

        return Tasks(worker)
    if worker.handler.gather:
        from .batch_lanes import BatchLanes

        return BatchLanes(worker)
    return SingleLanes(worker)
