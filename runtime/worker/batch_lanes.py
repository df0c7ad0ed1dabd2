"""Sync calls of predict_batch(): one lane, which takes the requests of one call at a time. Imported by those who have one."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any

from .answer import CANCELLED, Answer
from .batch import Outcome, batch_steps
from .frames import duration
from .interrupt import Cancelled, Lane
from .lanes import Lanes
from .open_requests import Request
from .running import NO_REQUEST, running


class BatchLanes(Lanes):
    """Several requests a call, of which the gateway sends one at a time, whatever `concurrency` says."""

    @property
    def _count(self) -> int:
        return 1

    def submit(self, request: Request) -> None:
        self.submit_batch((request,))

    def submit_batch(self, requests: Sequence[Request]) -> None:
        for request in requests:
            self._requests.open(request[1])
        self._waiting.put(requests)

    def _serve(self, lane: Lane, work: Sequence[Request]) -> None:
        wanted = [request for request in work if request[1] not in self._cancelled]
        began = perf_counter()
        answers = self._answers(lane, wanted) if wanted else {}
        took = perf_counter() - began
        # What is printed belongs to all of them.
        self._finish_lines(NO_REQUEST)
        n = duration(took)
        for request in work:
            self._put(request[1], answers.get(request[1], CANCELLED), n)
        self._settle(took)

    def _answers(self, lane: Lane, requests: list[Request]) -> dict[int, Answer]:
        first, last = requests[0], requests[-1]
        running.set((first[1], first[4]) if first is last else (NO_REQUEST, b""))
        # Making the items runs the user's code already.
        self._begin(last[1])
        steps = batch_steps(self._handler, requests, self._cancelled)
        outcome: Outcome | None = None
        while True:
            try:
                call = steps.send(outcome) if outcome else next(steps)
            except StopIteration as done:
                answers: dict[int, Answer] = done.value
                return answers
            outcome = self._call(lane, call.ids, call.arguments)

    def _call(self, lane: Lane, ids: tuple[int, ...], arguments: dict[str, Any]) -> Outcome:
        try:
            try:
                lane.enter(ids)
                if self._cancelled.issuperset(ids):
                    raise Cancelled
                result = self._handler.predict(**arguments)
                lane.leave()
                return Outcome(result)
            except BaseException as error:
                lane.leave()
                return Outcome(error=error)
        except Cancelled as late:
            lane.leave()
            return Outcome(error=late)
