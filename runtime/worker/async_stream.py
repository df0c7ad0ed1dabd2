"""Runs a generator in its task: item by item, held back while the gateway gives no credit, closed when cancelled."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from types import GeneratorType
from typing import Any

from .answer import END, Answer
from .open_streams import OpenStreams
from .outbox import Outbox
from .stream import Stream


class AsyncStreams(OpenStreams):
    def __init__(self, outbox: Outbox, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(outbox)
        self._loop = loop

    async def run(self, id: int, items: AsyncIterator[Any] | Iterator[Any]) -> Answer:
        may_go_on = asyncio.Event()
        wake = lambda: self._loop.call_soon_threadsafe(may_go_on.set)  # noqa: E731
        stream = self._open[id] = Stream(id, self._outbox, wake)
        try:
            await self._pump(_asynchronous(items), stream, may_go_on)
            return END, 0, b""
        except BaseException:
            await _close(items)
            # Items that came before what went wrong are the caller's.
            await _wait_until_sent(stream, may_go_on)
            raise
        finally:
            del self._open[id]

    async def _pump(self, items: AsyncIterator[Any], stream: Stream, may_go_on: asyncio.Event) -> None:
        while True:
            while stream.is_held:
                await may_go_on.wait()
                may_go_on.clear()
            if stream.is_cancelled:
                raise asyncio.CancelledError
            try:
                item = await items.__anext__()
            except StopAsyncIteration:
                break
            if stream.add(item):
                # A generator that never waits lets the others have their turn.
                await asyncio.sleep(0)
        await _wait_until_sent(stream, may_go_on)


async def _wait_until_sent(stream: Stream, may_go_on: asyncio.Event) -> None:
    stream.send_rest()
    while stream.is_unfinished:
        await may_go_on.wait()
        may_go_on.clear()
        stream.send_rest()


async def _close(items: Any) -> None:
    """What its `finally` raises is told instead of the reason for closing it, as Python does."""
    if close := getattr(items, "aclose", None):
        await close()
    elif close := getattr(items, "close", None):
        close()


def _asynchronous(items: Any) -> Any:
    return _each(items) if isinstance(items, GeneratorType) else items


async def _each(items: Iterator[Any]) -> AsyncIterator[Any]:
    """A sync generator that an async predict() has returned."""
    for item in items:
        yield item
