"""The thread that sends what others left behind, so that a slow or hung call never holds a finished answer.

It sleeps for good while nothing happens; once woken it looks every millisecond until it has found nothing for a while,
because waking a thread for each answer would cost more than the looking.
"""

import threading

# Of the queue module, which imports much else, this is the part in C.
from _queue import Empty, SimpleQueue
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .outbox import Outbox

_TICK_SECONDS = 0.001
_TICKS_UNTIL_SLEEP = 20


class Pending(Protocol):
    """Something with a moment at which it wants to be sent."""

    def send_if_due(self, now: float) -> bool:
        """Whether it is still waiting for its moment."""


class Flusher(threading.Thread):
    def __init__(self, outbox: "Outbox") -> None:
        super().__init__(name="flusher", daemon=True)
        self.is_awake = False
        self._outbox = outbox
        # Unlike an event, it may also be filled by a `__del__` that runs in the middle of filling it.
        self._woken: SimpleQueue[None] = SimpleQueue()
        self._pending: dict[Pending, None] = {}
        # What happens rarely, such as metrics once a second, does not keep the thread awake in between.
        self._next_seldom: tuple[float, Pending] | None = None

    def wake(self) -> None:
        self.is_awake = True
        self._woken.put(None)

    def watch(self, pending: Pending) -> None:
        self._pending[pending] = None
        if not self.is_awake:
            self.wake()

    def watch_seldom(self, at: float, pending: Pending) -> None:
        was_idle = self._next_seldom is None
        self._next_seldom = (at, pending)
        if was_idle:
            self._woken.put(None)

    def run(self) -> None:
        while True:
            self._sleep()
            idle = 0
            while idle < _TICKS_UNTIL_SLEEP and self.is_awake:
                sleep(_TICK_SECONDS)
                idle = 0 if self._tick() else idle + 1
            self.is_awake = False
            # What was put in while this thread still seemed awake woke nobody.
            if self._tick():
                self.wake()

    def _tick(self) -> bool:
        """Whether there was anything to do, or soon will be."""
        now = perf_counter()
        busy = False
        for pending in list(self._pending):
            # Taken off first: whoever adds something meanwhile puts it back.
            self._pending.pop(pending, None)
            if pending.send_if_due(now):
                self._pending[pending] = None
                busy = True
        if self._next_seldom and self._next_seldom[0] <= now:
            seldom, self._next_seldom = self._next_seldom[1], None
            seldom.send_if_due(now)
        return self._outbox.flush() or busy

    def _sleep(self) -> None:
        seldom = self._next_seldom
        try:
            self._woken.get(timeout=max(0.0, seldom[0] - perf_counter()) if seldom else None)
        except Empty:
            # The moment of what happens seldom has come.
            pass
