"""Sync calls: lanes, each a thread that takes one piece of work after another and calls the user's code with it."""

import threading

# Of the queue module, which imports much else, this is the part in C.
from _queue import SimpleQueue
from abc import ABC, abstractmethod
from collections.abc import Sequence
from time import perf_counter
from types import GeneratorType
from typing import Any

from .answer import CANCELLED, Answer, answer_to, result_of
from .call import Worker
from .frames import duration
from .interrupt import Cancelled, Lane, lane_of_this_thread
from .open_requests import OpenRequests, Request
from .running import running
from .signals import guard_signals
from .sync_stream import SyncStreams

# A call that took longer has made the answers before it wait enough.
_LONG_SECONDS = 0.0005


class Lanes(ABC):
    def __init__(self, worker: Worker) -> None:
        self._handler = worker.handler
        self._outbox = worker.outbox
        self._begin = worker.begin
        self._finish_lines = worker.isolation.finish_lines
        self._requests = OpenRequests()
        self._cancelled = self._requests.cancelled
        # What a lane takes at a time; None asks it to end.
        self._waiting: SimpleQueue[Any] = SimpleQueue()
        self._lanes: list[Lane] = []

    @property
    def _count(self) -> int:
        return self._handler.concurrency

    @abstractmethod
    def submit(self, request: Request) -> None: ...

    @abstractmethod
    def submit_batch(self, requests: Sequence[Request]) -> None: ...

    @abstractmethod
    def _serve(self, lane: Lane, work: Any) -> None: ...

    def cancel(self, id: int) -> None:
        if self._requests.cancel(id):
            for lane in self._lanes:
                if lane.interrupt(id, self._cancelled):
                    self._outbox.flusher.watch(lane)

    def credit(self, id: int, chunks: int) -> None:
        """Only streams need it."""

    def stop(self) -> None:
        for _ in range(self._count):
            self._waiting.put(None)

    def run(self) -> None:
        """The main thread is the first lane: libraries that want their calls there get them."""
        others = [
            threading.Thread(target=self._run_lane, name=f"predict-{number}")
            for number in range(1, self._count)
        ]
        for lane in others:
            lane.start()
        self._run_lane()
        for lane in others:
            lane.join()

    def _run_lane(self) -> None:
        lane = lane_of_this_thread()
        if threading.current_thread() is threading.main_thread():
            guard_signals(lane)
        self._lanes.append(lane)
        take = self._waiting.get
        while (work := take()) is not None:
            self._serve(lane, work)

    def _put(self, id: int, answer: Answer, n: int) -> None:
        type, flags, body = answer
        self._requests.close(id)
        self._finish_lines(id)
        self._outbox.put(type, id, body, flags, n)

    def _settle(self, seconds: float) -> None:
        self._outbox.settle(may_wait=seconds < _LONG_SECONDS and not self._waiting.empty())


class SingleLanes(Lanes):
    """One request a call; a generator's answer is a stream."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(worker)
        self._streams = SyncStreams(worker.outbox)

    def submit(self, request: Request) -> None:
        self._requests.open(request[1])
        self._waiting.put(request)

    def submit_batch(self, requests: Sequence[Request]) -> None:
        for request in requests:
            self.submit(request)

    def cancel(self, id: int) -> None:
        self._streams.cancel(id)
        super().cancel(id)

    def credit(self, id: int, chunks: int) -> None:
        self._streams.credit(id, chunks)

    def _serve(self, lane: Lane, work: Request) -> None:
        began = perf_counter()
        answer = self._answer(lane, work)
        took = perf_counter() - began
        self._put(work[1], answer, duration(took))
        self._settle(took)

    def _answer(self, lane: Lane, request: Request) -> Answer:
        _, id, flags, _, context, body = request
        if id in self._cancelled:
            return CANCELLED
        running.set((id, context))
        handler = self._handler
        try:
            try:
                # Making the arguments runs the user's code already, a `__post_init__` for example.
                self._begin(id)
                arguments = handler.arguments(flags, body)
                lane.enter((id,))
                # A CANCEL from before this found nothing to interrupt.
                if id in self._cancelled:
                    raise Cancelled
                result = handler.predict(**arguments)
                lane.leave()
                if type(result) is GeneratorType or (handler.streams and hasattr(result, "__next__")):
                    return self._streams.run(lane, id, result, self._cancelled)
                return result_of(flags, result)
            except BaseException as error:
                lane.leave()
                return answer_to(error, handler.root, id in self._cancelled)
        except Cancelled:
            # It came while the worker was leaving the user's code.
            lane.leave()
            return CANCELLED
