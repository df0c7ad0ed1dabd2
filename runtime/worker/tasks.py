"""Async calls: one task a request, on an event loop that has the main thread."""

import asyncio
import inspect
from collections import deque
from collections.abc import Sequence
from time import perf_counter
from types import CoroutineType

from .answer import CANCELLED, Answer, answer_to
from .call import Worker
from .codec import decode_request, encode_result
from .frames import duration
from .requests import Request
from .running import running


class Tasks:
    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._handler = worker.handler
        self._outbox = worker.outbox
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        # Those whose task has not had its first turn.
        self._unbegun: set[int] = set()
        self._cancelled: set[int] = set()
        self._arrived: deque[tuple[object, ...]] = deque()
        self._is_flush_planned = False

    def submit(self, request: Request) -> None:
        self._tell(self._start, request)

    def submit_batch(self, requests: Sequence[Request]) -> None:
        for request in requests:
            self.submit(request)

    def cancel(self, id: int) -> None:
        self._tell(self._cancel, id)

    def credit(self, id: int, chunks: int) -> None:
        pass

    def stop(self) -> None:
        self._tell(self._stopped.set)

    def _tell(self, *step: object) -> None:
        """Waking the loop is a system call: one for all that arrives before it looks."""
        self._arrived.append(step)
        if len(self._arrived) == 1:
            self._loop.call_soon_threadsafe(self._take_arrived)

    def _take_arrived(self) -> None:
        # Looked at before it is taken off: the queue is empty only once nothing more will be taken in this turn.
        while self._arrived:
            step, *arguments = self._arrived[0]
            step(*arguments)
            self._arrived.popleft()

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._run())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())

    async def _run(self) -> None:
        await self._stopped.wait()
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    def _start(self, request: Request) -> None:
        id = request[1]
        self._unbegun.add(id)
        self._tasks[id] = self._loop.create_task(self._serve(request))

    def _cancel(self, id: int) -> None:
        if task := self._tasks.get(id):
            self._cancelled.add(id)
            task.cancel()
            if id in self._unbegun:
                # It will never run, not even to say so.
                self._unbegun.discard(id)
                self._finish(id, CANCELLED, 0)

    async def _serve(self, request: Request) -> None:
        _, id, flags, _, context, body = request
        self._unbegun.discard(id)
        running.set((id, context))
        self._worker.begin(id)
        began = perf_counter()
        try:
            result = self._handler.predict(**self._handler.arguments(decode_request(flags, body)))
            if type(result) is CoroutineType or inspect.isawaitable(result):
                result = await result
            answer = encode_result(flags, result)
        except asyncio.CancelledError as error:
            is_wanted = id not in self._cancelled
            answer = answer_to(error, self._handler.root, False) if is_wanted else CANCELLED
        except BaseException as error:
            answer = answer_to(error, self._handler.root, False)
        self._finish(id, answer, perf_counter() - began)

    def _finish(self, id: int, answer: Answer, seconds: float) -> None:
        type, flags, body = answer
        del self._tasks[id]
        self._cancelled.discard(id)
        self._worker.isolation.finish_lines(id)
        self._outbox.put(type, id, body, flags, duration(seconds))
        # Others of this turn of the loop may end too; one of them may as well compute for long.
        self._outbox.settle(may_wait=bool(self._tasks))
        if self._tasks and not self._is_flush_planned:
            self._is_flush_planned = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flush_planned = False
        self._outbox.flush()
