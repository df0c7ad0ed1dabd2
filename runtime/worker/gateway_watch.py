"""Sees that the gateway goes while a zygote loads, when nobody reads its connection: it must not load on for nobody."""

import os
import select
import threading
from types import TracebackType

from .connection import Connection, leave_with_children


class GatewayWatch:
    """`with GatewayWatch(connection):` has a thread that is gone afterwards, so that nothing of it is forked."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)
        # Closing one end is what tells the thread that reads the other.
        self._read_end, self._write_end = os.pipe()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, _type: type | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        os.close(self._write_end)
        self._thread.join()
        os.close(self._read_end)

    def _watch(self) -> None:
        either = select.poll()
        for descriptor in (self._read_end, self._connection.fileno()):
            either.register(descriptor, select.POLLIN)
        # It says nothing before the handler is loaded: all that can come is the end.
        if all(descriptor != self._read_end for descriptor, _ in either.poll()):
            leave_with_children()
