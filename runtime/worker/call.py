"""Calls of predict(): of any kind, as many at a time as the handler takes, each answered by one RESULT or ERROR.

    reading thread --submit--> queue --> lane (main thread, more threads for concurrency > 1) --> answer
    reading thread --submit--> event loop (main thread), one task a request                   --> answer

Whatever predict() raises is the failure of its own request. Only sys.exit() is taken at its word: the process ends and
the gateway answers for every request it was running.
"""

import asyncio
import inspect
import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import Protocol

from .cancel import CANCELLED, OpenRequests
from .codec import InvalidInput, InvalidResult, decode, encode
from .connection import Connection
from .failure import Failure, cut, failure_of
from .frames import FrameType
from .isolate import Isolation
from .loader import Handler
from .output import request_id

# As many as the gateway tells of; more would bury the first.
_MOST_ERRORS = 20

Body = bytes | bytearray
Answer = tuple[FrameType, bytes]


class Calls(Protocol):
    """What the inbox hands frames to. `run` takes the main thread until `stop`, and returns with nothing unfinished."""

    def submit(self, id: int, body: Body) -> None: ...
    def cancel(self, id: int) -> None: ...
    def stop(self) -> None: ...
    def run(self) -> None: ...


def calls_of(handler: Handler, connection: Connection, isolation: Isolation) -> Calls:
    def send(id: int, answer: Answer) -> None:
        isolation.finish_lines(id)
        connection.send(answer[0], id, answer[1])

    return AsyncCalls(handler, send) if handler.is_async else SyncCalls(handler, send)


class SyncCalls:
    def __init__(self, handler: Handler, send: Callable[[int, Answer], None]) -> None:
        self._handler = handler
        self._send = send
        self._requests = OpenRequests()
        self._waiting: queue.SimpleQueue[tuple[int, Body] | None] = queue.SimpleQueue()

    def submit(self, id: int, body: Body) -> None:
        self._requests.open(id)
        self._waiting.put((id, body))

    def cancel(self, id: int) -> None:
        self._requests.cancel(id)

    def stop(self) -> None:
        for _ in range(self._handler.concurrency):
            self._waiting.put(None)

    def run(self) -> None:
        """The main thread is the first lane: libraries that want their calls there get them."""
        others = [
            threading.Thread(target=self._lane, name=f"predict-{number}")
            for number in range(1, self._handler.concurrency)
        ]
        for lane in others:
            lane.start()
        self._lane()
        for lane in others:
            lane.join()

    def _lane(self) -> None:
        while (request := self._waiting.get()) is not None:
            id, body = request
            request_id.set(id)
            answer = _failed(CANCELLED) if self._requests.is_cancelled(id) else self._call(body)
            self._requests.close(id)
            self._send(id, answer)

    def _call(self, body: Body) -> Answer:
        try:
            arguments = self._handler.arguments(decode(body))
            return FrameType.RESULT, encode(self._handler.predict(**arguments))
        except BaseException as error:
            return _answer_to(error, self._handler)


class AsyncCalls:
    def __init__(self, handler: Handler, send: Callable[[int, Answer], None]) -> None:
        self._handler = handler
        self._send = send
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._tasks: dict[int, asyncio.Task[Answer]] = {}

    def submit(self, id: int, body: Body) -> None:
        self._loop.call_soon_threadsafe(self._start, id, body)

    def cancel(self, id: int) -> None:
        self._loop.call_soon_threadsafe(self._cancel, id)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._run())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())

    async def _run(self) -> None:
        await self._stopped.wait()
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    def _start(self, id: int, body: Body) -> None:
        task = self._loop.create_task(self._call(id, body))
        self._tasks[id] = task
        task.add_done_callback(lambda done: self._finish(id, done))

    def _cancel(self, id: int) -> None:
        if id in self._tasks:
            self._tasks[id].cancel()

    def _finish(self, id: int, task: asyncio.Task[Answer]) -> None:
        del self._tasks[id]
        self._send(id, _failed(CANCELLED) if task.cancelled() else task.result())

    async def _call(self, id: int, body: Body) -> Answer:
        request_id.set(id)
        try:
            arguments = self._handler.arguments(decode(body))
            result = self._handler.predict(**arguments)
            return FrameType.RESULT, encode(await result if inspect.isawaitable(result) else result)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            return _answer_to(error, self._handler)


def _failed(failure: Failure) -> Answer:
    return FrameType.ERROR, failure.encode()


def _answer_to(error: BaseException, handler: Handler) -> Answer:
    if isinstance(error, SystemExit):
        _leave(error)
    if isinstance(error, InvalidInput):
        return _failed(_invalid_input(error))
    if isinstance(error, InvalidResult):
        return _failed(_invalid_result(error))
    return _failed(failure_of("handler", error, handler.root))


def _invalid_input(error: InvalidInput) -> Failure:
    errors = [{"path": f"${path}", "message": cut(message)} for path, message in error.errors[:_MOST_ERRORS]]
    return Failure("input", type(error).__name__, cut(str(error)), errors=errors)


def _invalid_result(error: InvalidResult) -> Failure:
    """Without a traceback: it would lead into the writing of JSON, and the message says where in the result it stands."""
    return Failure("result", type(error).__name__, cut(str(error)), hint=error.hint)


def _leave(error: SystemExit) -> None:
    """From a thread or a task sys.exit() would end only that; handlers that call it mean the process."""
    print(f"predict() called sys.exit({error.code!r}): the worker ends", file=sys.stderr)
    os._exit(error.code if isinstance(error.code, int) and 0 < error.code < 256 else 1)
