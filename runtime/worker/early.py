"""Imports that take long or that must not meet a file of the user's, in the right order around the load.

Everything the worker needs is imported before the user's directory comes on the path, where a `queue.py` would hide
Python's own. asyncio alone takes longer than all the rest and is left out unless the handler looks as if it needs it.
"""

import os
import sys

from .call import Calls, Worker
from .lanes import BatchLanes, SingleLanes


def import_early(entry: str, concurrency: int | None) -> None:
    if concurrency and concurrency > 1:
        import ctypes  # noqa: F401
    try:
        with open(entry, "rb") as file:
            looks_async = b"async" in file.read()
    except OSError:
        # What is wrong with it, the loader says.
        return
    if looks_async:
        from . import tasks  # noqa: F401


def calls_of(worker: Worker) -> Calls:
    if not worker.handler.is_async:
        return BatchLanes(worker) if worker.handler.gather else SingleLanes(worker)
    # An async handler whose file does not have the word, such as one that comes out of a module of theirs.
    path = sys.path[:]
    sys.path[:] = [entry for entry in path if not _is_users(entry, worker.handler.root)]
    try:
        from .tasks import Tasks
    finally:
        sys.path[:] = path
    return Tasks(worker)


def _is_users(entry: str, root: str) -> bool:
    return (os.path.abspath(entry) + os.sep).startswith(root + os.sep) and "site-packages" not in entry
