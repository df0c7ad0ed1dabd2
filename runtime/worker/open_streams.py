"""The streams under way in a worker, by the id of their request: whom CREDIT and CANCEL are for."""

from .outbox import Outbox
from .stream import Stream


class OpenStreams:
    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._open: dict[int, Stream] = {}

    def credit(self, id: int, chunks: int) -> None:
        # A stream that has ended needs none.
        if stream := self._open.get(id):
            stream.credit(chunks)

    def cancel(self, id: int) -> None:
        if stream := self._open.get(id):
            stream.cancel()
