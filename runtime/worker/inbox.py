"""The reading thread: takes frames while predict() runs, so that CANCEL, STOP and a lost gateway are seen at once."""

import os
import threading
from collections.abc import Iterator
from typing import NoReturn

from .call import Calls
from .connection import complain
from .frames import Frame, FrameType

_REQUEST = int(FrameType.REQUEST)


class Inbox(threading.Thread):
    def __init__(self, frames: Iterator[Frame]) -> None:
        super().__init__(name="inbox", daemon=True)
        self._frames = frames
        # None while the handler loads: no request comes before READY.
        self._calls: Calls | None = None
        # The requests of a BATCH that have come, and how many are still to come.
        self._batch: list[Frame] = []
        self._missing = 0

    def deliver_to(self, calls: Calls) -> None:
        self._calls = calls

    def run(self) -> None:
        for frame in self._frames:
            calls = self._calls
            if calls is None:
                _while_loading(frame)
            elif frame[0] == _REQUEST and not self._missing:
                calls.submit(frame)
            else:
                self._deliver(frame, calls)

    def _deliver(self, frame: Frame, calls: Calls) -> None:
        type, id, _, n, _, _ = frame
        match type:
            case FrameType.REQUEST:
                self._gather(frame, calls)
            case FrameType.BATCH if n and not self._missing:
                self._missing = n
            case FrameType.CREDIT:
                calls.credit(id, n)
            case FrameType.CANCEL:
                calls.cancel(id)
            case FrameType.STOP:
                calls.stop()
            case unexpected:
                _refuse(unexpected)

    def _gather(self, request: Frame, calls: Calls) -> None:
        self._batch.append(request)
        self._missing -= 1
        if not self._missing:
            batch, self._batch = self._batch, []
            calls.submit_batch(batch)
def _while_loading(frame: Frame) -> None:
    # A load has nothing to finish.
    if frame[0] == FrameType.STOP:
        os._exit(0)
    _refuse(frame[0])


def _refuse(type: int) -> NoReturn:
    complain(f"the gateway sent {FrameType(type).name}, which it may not send now")
    os._exit(1)
