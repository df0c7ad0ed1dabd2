"""Stops a sync call that nobody wants any more: raises `Cancelled` in the user's code, and never in the worker's own.

On the main thread a signal does it, which also ends a sleep or a blocking read; elsewhere Python can only be asked to
raise at the next step of Python code. A call is interrupted once: what its `finally` does runs undisturbed.
"""

import signal
from collections.abc import Callable
from threading import RLock, current_thread, get_ident, main_thread
from types import TracebackType


class Cancelled(BaseException):
    """Raised inside predict() when nobody wants its result any more."""


# A signal that comes just before the call it should interrupt goes to sleep does nothing, so it is sent again.
_AGAIN_SECONDS = 0.01

# By default ignored, and used by no library known: a handler that resets it loses interruption and nothing else.
_SIGNAL = signal.SIGURG


class Lane:
    """One thread that calls the user's code, as seen by those who may interrupt it.

        enter(ids) -- the user's code runs --- leave()
                       with shielded(): the user's code has called the worker, by a print for example
    """

    def __init__(self) -> None:
        self.thread = get_ident()
        # The requests whose code may be interrupted now; None while the worker's own code runs.
        self.open_for: tuple[int, ...] | None = None
        self._wanted: tuple[int, ...] | None = None
        self._shields = 0
        self._again_at = 0.0
        # Once a call: a second one would end the first one's `finally`.
        self._is_interrupted = False
        # Signal handlers of the user's that wait until the worker has done what their code has called it for.
        self.later: list[Callable[[], None]] = []
        _lanes[self.thread] = self

    def enter(self, ids: tuple[int, ...]) -> None:
        self._shields = 0
        self._is_interrupted = False
        self.open_for = ids

    def leave(self) -> None:
        self.open_for = None
        self._wanted = None

    def interrupt(self, id: int, cancelled: set[int]) -> bool:
        """From any other thread: what runs for this request, and for no other one that is wanted, ends.

        Whether there is something to end.
        """
        ids = self.open_for
        if ids is None or id not in ids or not cancelled.issuperset(ids) or self._is_interrupted:
            return False
        self._is_interrupted = True
        self._wanted = ids
        self._raise_soon()
        return True

    def send_if_due(self, now: float) -> bool:
        """Called until the user's code has been interrupted or has ended."""
        if self._wanted is None or self._wanted is not self.open_for:
            return False
        if now >= self._again_at:
            self._again_at = now + _AGAIN_SECONDS
            self._raise_soon()
        return True

    def _raise_soon(self) -> None:
        signal.pthread_kill(self.thread, _SIGNAL)

    def raise_if_wanted(self) -> None:
        if self._wanted is not None and self._wanted is self.open_for and not self._shields:
            self._wanted = None
            raise Cancelled("nobody wants the result of this call any more")

    def hold(self) -> None:
        self._shields += 1

    def release(self) -> None:
        self._shields -= 1
        while self.later and not self._shields:
            self.later.pop(0)()
        self.raise_if_wanted()

    @property
    def is_interruptible(self) -> bool:
        return self.open_for is not None and not self._shields


class SideLane(Lane):
    """A thread other than the main one, which no signal reaches."""

    def __init__(self) -> None:
        super().__init__()
        # Held while one side decides whether this is the user's code and acts on it. Meanwhile a `__del__` may run here and
        # print or count, which comes back here.
        self._lock = RLock()
        self._is_sent = False
        self.is_delivered = False

    def enter(self, ids: tuple[int, ...]) -> None:
        self._is_sent = self.is_delivered = False
        super().enter(ids)

    def leave(self) -> None:
        with self._lock:
            super().leave()
            self._take_back()

    def interrupt(self, id: int, cancelled: set[int]) -> bool:
        with self._lock:
            return super().interrupt(id, cancelled)

    def send_if_due(self, _now: float) -> bool:
        """Python keeps what it was asked to raise."""
        return False

    def _raise_soon(self) -> None:
        if not self._shields:
            self._is_sent = True
            _raise_in(self.thread, _Delivered)

    def hold(self) -> None:
        with self._lock:
            super().hold()
            self._take_back()

    def release(self) -> None:
        # What is decided under the lock, nobody asks Python to raise a second time.
        with self._lock:
            self._shields -= 1
            is_wanted = self._wanted is not None and not self._shields and not self._is_sent
        if is_wanted:
            self.raise_if_wanted()

    def _take_back(self) -> None:
        if self._is_sent:
            self._is_sent = False
            _raise_in(self.thread, None)
            if self.is_delivered:
                self._wanted = None


class _Delivered(Cancelled):
    """Python makes the object when the exception arrives: from then on it is the user's code that deals with it."""

    def __init__(self) -> None:
        super().__init__("nobody wants the result of this call any more")
        lane = _lanes.get(get_ident())
        if isinstance(lane, SideLane):
            lane.is_delivered = True


class _Shield:
    """`with shielded:` around what the worker does when the user's code calls it."""

    def __enter__(self) -> None:
        if lane := _lanes.get(get_ident()):
            lane.hold()

    def __exit__(self, _type: type | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        if lane := _lanes.get(get_ident()):
            lane.release()


shielded = _Shield()

_lanes: dict[int, Lane] = {}


def forget_lanes() -> None:
    """In a forked child, where a lock may be held by a thread that the child has not."""
    _lanes.clear()


def lane_of_this_thread() -> Lane:
    if current_thread() is not main_thread():
        return SideLane()
    lane = Lane()
    signal.signal(_SIGNAL, lambda _number, _frame: lane.raise_if_wanted())
    return lane


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    # Imported before the load when there are several lanes (`early.py`): most workers need it never.
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)
