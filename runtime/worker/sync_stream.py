"""Runs a generator in its lane: item by item, held back while the gateway gives no credit, closed when cancelled."""

from collections.abc import Iterator
from threading import Event
from typing import Any

from .answer import END, Answer
from .interrupt import Cancelled, Lane
from .open_streams import OpenStreams
from .stream import Stream


class SyncStreams(OpenStreams):
    def run(self, lane: Lane, id: int, items: Iterator[Any], cancelled: set[int]) -> Answer:
        may_go_on = Event()
        stream = self._open[id] = Stream(id, self._outbox, may_go_on.set)
        try:
            if id in cancelled:
                raise Cancelled
            self._pump(lane, id, items, stream, may_go_on)
            return END, 0, b""
        except BaseException:
            lane.leave()
            _close(items)
            # Items that came before what went wrong are the caller's.
            _wait_until_sent(stream, may_go_on)
            raise
        finally:
            del self._open[id]

    def _pump(self, lane: Lane, id: int, items: Iterator[Any], stream: Stream, may_go_on: Event) -> None:
        ids = (id,)
        while True:
            while stream.is_held:
                may_go_on.wait()
                may_go_on.clear()
            lane.enter(ids)
            if stream.is_cancelled:
                raise Cancelled
            try:
                item = next(items)
            except StopIteration:
                lane.leave()
                break
            lane.leave()
            stream.add(item)
        _wait_until_sent(stream, may_go_on)


def _wait_until_sent(stream: Stream, may_go_on: Event) -> None:
    stream.send_rest()
    while stream.is_unfinished:
        may_go_on.wait()
        may_go_on.clear()
        stream.send_rest()


def _close(items: Iterator[Any]) -> None:
    """What its `finally` raises is told instead of the reason for closing it, as Python does."""
    if close := getattr(items, "close", None):
        close()
