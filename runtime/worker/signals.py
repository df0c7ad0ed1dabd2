"""Signal handlers of the user's: Python runs them between any two steps of the main thread, also of the worker's own.

What one raises, as those of timeouts do, ends the call it was meant for and nothing else: it runs at once in the user's
code, after what the worker does for that code, and outside of a call it is told and forgotten.
"""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from .interrupt import Lane

_Handler = Callable[[int, FrameType | None], Any]


class _Guarded:
    def __init__(self, handler: _Handler, lane: Lane) -> None:
        self.handler = handler
        self._lane = lane

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self._lane.is_interruptible:
            self.handler(number, frame)
        elif self._lane.open_for is not None:
            self._lane.later.append(lambda: self.handler(number, None))
        else:
            self._run_for_nobody(number, frame)

    def _run_for_nobody(self, number: int, frame: FrameType | None) -> None:
        try:
            self.handler(number, frame)
        except BaseException as error:
            name = signal.Signals(number).name
            print(f"the handler of {name} raised {error!r} while predict() was not running", file=sys.stderr)


def guard_signals(lane: Lane) -> None:
    """From now on, also for the handlers that were set while loading."""
    set_handler, get_handler = signal.signal, signal.getsignal

    def guarded(handler: Any) -> Any:
        return _Guarded(handler, lane) if callable(handler) else handler

    def signal_(signalnum: int, handler: Any) -> Any:
        return plain(set_handler(signalnum, guarded(handler)))

    def getsignal(signalnum: int) -> Any:
        return plain(get_handler(signalnum))

    for number in signal.valid_signals():
        if callable(handler := get_handler(number)) and number != signal.SIGURG:
            set_handler(number, guarded(handler))
    signal.signal, signal.getsignal = signal_, getsignal


def plain(handler: Any) -> Any:
    return handler.handler if isinstance(handler, _Guarded) else handler
