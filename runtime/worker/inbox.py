"""The reading thread: takes frames while predict() runs, so that CANCEL, STOP and a lost gateway are seen at once."""

import os
import threading
from collections.abc import Iterator

from .call import Calls
from .frames import Frame, FrameType


class Inbox(threading.Thread):
    def __init__(self, frames: Iterator[Frame]) -> None:
        super().__init__(name="inbox", daemon=True)
        self._frames = frames
        # None while the handler loads: no request comes before READY.
        self._calls: Calls | None = None

    def deliver_to(self, calls: Calls) -> None:
        self._calls = calls

    def run(self) -> None:
        for frame in self._frames:
            if self._calls is None:
                _while_loading(frame)
            else:
                _deliver(frame, self._calls)


def _deliver(frame: Frame, calls: Calls) -> None:
    match frame.type:
        case FrameType.REQUEST:
            calls.submit(frame.id, frame.body[frame.n :])
        case FrameType.CANCEL:
            calls.cancel(frame.id)
        case FrameType.STOP:
            calls.stop()
        case unexpected:
            _refuse(unexpected)


def _while_loading(frame: Frame) -> None:
    # A load has nothing to finish.
    if frame.type == FrameType.STOP:
        os._exit(0)
    _refuse(frame.type)


def _refuse(type: FrameType) -> None:
    os.write(2, f"worker: the gateway sent {type.name}, which it may not send now\n".encode())
    os._exit(1)
