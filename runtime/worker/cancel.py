"""Which requests are open, and which of them the gateway no longer wants.

A request is open from its frame until its answer. Cancelling one that waits drops it; a sync predict() that already
runs cannot be stopped from outside and runs out, for the gateway to kill the worker when it never ends.
"""

from .failure import Failure


class OpenRequests:
    """Changed by the reading thread and the calling ones: each step is one atomic set operation."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        # Always a subset of the open ones: a CANCEL that crosses the answer on the wire leaves nothing behind.
        self._cancelled: set[int] = set()

    def open(self, id: int) -> None:
        self._open.add(id)

    def cancel(self, id: int) -> None:
        if id in self._open:
            self._cancelled.add(id)

    def is_cancelled(self, id: int) -> bool:
        return id in self._cancelled

    def close(self, id: int) -> None:
        self._open.discard(id)
        self._cancelled.discard(id)


# Cancelled requests are answered too, so that the gateway counts running ones without guessing.
CANCELLED = Failure("handler", "Cancelled", "the request was cancelled before predict() had finished")
