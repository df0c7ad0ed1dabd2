"""Async calls: one task a request or batch, on an event loop that has the main thread."""

import asyncio
import inspect
from collections import deque
from collections.abc import Sequence
from time import perf_counter
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from .answer import CANCELLED, Answer, answer_to, result_of
from .async_stream import AsyncStreams
from .batch import Outcome, batch_steps
from .call import Worker
from .frames import duration
from .open_requests import Request
from .running import NO_REQUEST, running

_STREAMS = (AsyncGeneratorType, GeneratorType)

# One request, or those of a batch; either is one task.
Work = Sequence[Request]


class Tasks:
    def __init__(self, worker: Worker) -> None:
        self._handler = worker.handler
        self._outbox = worker.outbox
        self._begin = worker.begin
        self._finish_lines = worker.isolation.finish_lines
        self._loop = asyncio.new_event_loop()
        self._streams = AsyncStreams(worker.outbox, self._loop)
        self._stopped = asyncio.Event()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        # The requests that a task answers, and of those that have not had their first turn, which.
        self._work: dict[int, Work] = {}
        self._unbegun: set[int] = set()
        self._cancelled: set[int] = set()
        self._arrived: deque[tuple[Any, ...]] = deque()
        self._is_flush_planned = False

    def submit(self, request: Request) -> None:
        self._tell(self._start, (request,))

    def submit_batch(self, requests: Sequence[Request]) -> None:
        if self._handler.gather:
            self._tell(self._start, requests)
        else:
            for request in requests:
                self.submit(request)

    def cancel(self, id: int) -> None:
        self._tell(self._cancel, id)

    def credit(self, id: int, chunks: int) -> None:
        self._streams.credit(id, chunks)

    def stop(self) -> None:
        self._tell(self._stopped.set)

    def _tell(self, *step: Any) -> None:
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

    def _start(self, work: Work) -> None:
        for request in work:
            self._work[request[1]] = work
            self._unbegun.add(request[1])
        serve = self._serve_batch(work) if self._handler.gather else self._serve(work[0])
        task = self._loop.create_task(serve)
        # With an eager task factory of the user's it has run already, maybe to its end.
        for request in work:
            if request[1] in self._work:
                self._tasks[request[1]] = task

    def _cancel(self, id: int) -> None:
        # Once only: a second one would end the first one's `finally`.
        if id in self._cancelled or not (task := self._tasks.get(id)):
            return
        self._cancelled.add(id)
        self._streams.cancel(id)
        work = self._work[id]
        # A batch goes on for the others.
        if self._cancelled.issuperset(request[1] for request in work):
            task.cancel()
            if id in self._unbegun:
                # It will never run, not even to say so.
                self._finish(work, {}, 0)

    async def _serve(self, request: Request) -> None:
        _, id, flags, _, context, body = request
        self._unbegun.discard(id)
        running.set((id, context))
        self._begin(id)
        began = perf_counter()
        handler = self._handler
        try:
            result = await self._call(handler.arguments(flags, body))
            if isinstance(result, _STREAMS) or (handler.streams and hasattr(result, "__anext__")):
                answer = await self._streams.run(id, result)
            else:
                answer = result_of(flags, result)
        except BaseException as error:
            answer = answer_to(error, handler.root, id in self._cancelled)
        self._finish((request,), {id: answer}, perf_counter() - began)

    async def _call(self, arguments: dict[str, Any]) -> Any:
        result = self._handler.predict(**arguments)
        return await result if type(result) is CoroutineType or inspect.isawaitable(result) else result

    async def _serve_batch(self, work: Work) -> None:
        for request in work:
            self._unbegun.discard(request[1])
        wanted = [request for request in work if request[1] not in self._cancelled]
        first, last = wanted[0], wanted[-1]
        running.set((first[1], first[4]) if first is last else (NO_REQUEST, b""))
        self._begin(last[1])
        began = perf_counter()
        steps = batch_steps(self._handler, wanted, self._cancelled)
        outcome: Outcome | None = None
        answers: dict[int, Answer] | None = None
        while answers is None:
            try:
                call = steps.send(outcome) if outcome else next(steps)
                outcome = await self._outcome(call.arguments)
            except StopIteration as done:
                answers = done.value
        self._finish_lines(NO_REQUEST)
        self._finish(work, answers, perf_counter() - began)

    async def _outcome(self, arguments: dict[str, Any]) -> Outcome:
        try:
            return Outcome(await self._call(arguments))
        except BaseException as error:
            return Outcome(error=error)

    def _finish(self, work: Work, answers: dict[int, Answer], seconds: float) -> None:
        """Whoever has no answer here was cancelled."""
        n = duration(seconds)
        for request in work:
            id = request[1]
            type, flags, body = answers.get(id, CANCELLED)
            self._tasks.pop(id, None)
            del self._work[id]
            self._cancelled.discard(id)
            self._unbegun.discard(id)
            self._finish_lines(id)
            self._outbox.put(type, id, body, flags, n)
        # Others of this turn of the loop may end too; one of them may as well compute for long.
        self._outbox.settle(may_wait=bool(self._tasks))
        if self._tasks and not self._is_flush_planned:
            self._is_flush_planned = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flush_planned = False
        self._outbox.flush()
