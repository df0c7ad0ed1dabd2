"""Sync calls: lanes, each a thread that takes one request after another and calls the user's code with it."""

import queue
import threading
from collections.abc import Sequence
from time import perf_counter
from types import GeneratorType

from .answer import CANCELLED, END, RESULT, Answer, answer_to
from .call import Worker
from .codec import encode_result, decode_request
from .frames import duration
from .interrupt import Cancelled, Lane, lane_of_this_thread
from .requests import OpenRequests, Request
from .running import running

# A call that took longer has made the answers before it wait enough.
_LONG_SECONDS = 0.0005


class Lanes:
    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._handler = worker.handler
        self._outbox = worker.outbox
        self._requests = OpenRequests()
        self._waiting: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._lanes: list[Lane] = []

    def submit(self, request: Request) -> None:
        self._requests.open(request[1])
        self._waiting.put(request)

    def submit_batch(self, requests: Sequence[Request]) -> None:
        for request in requests:
            self.submit(request)

    def cancel(self, id: int) -> None:
        if self._requests.cancel(id):
            for lane in self._lanes:
                lane.interrupt(id)

    def credit(self, id: int, chunks: int) -> None:
        pass

    def stop(self) -> None:
        for _ in range(self._handler.concurrency):
            self._waiting.put(None)

    def run(self) -> None:
        """The main thread is the first lane: libraries that want their calls there get them."""
        others = [
            threading.Thread(target=self._run_lane, name=f"predict-{number}")
            for number in range(1, self._handler.concurrency)
        ]
        for lane in others:
            lane.start()
        self._run_lane()
        for lane in others:
            lane.join()

    def _run_lane(self) -> None:
        lane = lane_of_this_thread()
        self._lanes.append(lane)
        take, finish_lines, outbox = self._waiting.get, self._worker.isolation.finish_lines, self._outbox
        close, nothing_waits = self._requests.close, self._waiting.empty
        while (request := take()) is not None:
            id = request[1]
            began = perf_counter()
            type, flags, body = self._answer(lane, request)
            took = perf_counter() - began
            close(id)
            finish_lines(id)
            outbox.put(type, id, body, flags, duration(took))
            outbox.settle(may_wait=took < _LONG_SECONDS and not nothing_waits())

    def _answer(self, lane: Lane, request: Request) -> Answer:
        _, id, flags, _, context, body = request
        if id in self._requests.cancelled:
            return CANCELLED
        running.set((id, context))
        self._worker.begin(id)
        try:
            try:
                arguments = self._handler.arguments(decode_request(flags, body))
                lane.enter(id)
                # A CANCEL from before this found nothing to interrupt.
                if id in self._requests.cancelled:
                    raise Cancelled
                result = self._handler.predict(**arguments)
                lane.leave()
                return encode_result(flags, result)
            except BaseException as error:
                lane.leave()
                return answer_to(error, self._handler.root, id in self._requests.cancelled)
        except Cancelled:
            # It came while the worker was leaving the user's code.
            lane.leave()
            return CANCELLED
