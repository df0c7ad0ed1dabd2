"""The started mark: four bytes shared with the gateway that say which requests this worker has begun.

When the worker dies, what is above the mark never ran and may run elsewhere. Ids ascend and wrap around, so "above" is
meant as for serial numbers: by the shorter way around.
"""

import mmap
import os
import struct
import threading
from collections.abc import Callable

_ID = struct.Struct("<I")
_HALF_WAY = 1 << 31

Begin = Callable[[int], None]


def mark_at(path: str | None, several_at_once: bool) -> Begin:
    """The function that notes a request as begun."""
    if path is None:
        return lambda _id: None
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    shared = mmap.mmap(descriptor, _ID.size)
    os.close(descriptor)
    write = _ID.pack_into

    def begin(id: int) -> None:
        write(shared, 0, id)

    return _highest_first(begin) if several_at_once else begin


def _highest_first(write: Begin) -> Begin:
    """Calls that begin at once may come here in any order."""
    lock = threading.Lock()
    highest: int | None = None

    def begin(id: int) -> None:
        nonlocal highest
        with lock:
            if highest is None or 0 < (id - highest) % (1 << 32) < _HALF_WAY:
                highest = id
                write(id)

    return begin
