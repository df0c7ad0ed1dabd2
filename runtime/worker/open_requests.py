"""The requests that are open, and which of them the gateway no longer wants.

A request is open from its frame until its answer. Cancelling one that waits drops it; one that runs is interrupted.
"""

from .frames import Frame

# The REQUEST frame itself: it is taken apart where it is called.
Request = Frame


class OpenRequests:
    """Changed by the reading thread and the calling ones: each step is one atomic set operation."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        # Always a subset of the open ones: a CANCEL that crosses the answer on the wire leaves nothing behind.
        self.cancelled: set[int] = set()
        self.open = self._open.add

    def cancel(self, id: int) -> bool:
        """Whether there was something to cancel."""
        if id in self._open:
            self.cancelled.add(id)
            return True
        return False

    def close(self, id: int) -> None:
        self._open.discard(id)
        # Looked at first: nearly always there is nothing to discard.
        if self.cancelled:
            self.cancelled.discard(id)
