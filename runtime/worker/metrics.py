"""The handler's own counters and histograms, gathered here and sent as one METRIC frame a second at most.

A name that is new is sent at once, so that what a request counted first can be read when its answer is there.
"""

import math
import re
from collections import deque
from threading import Lock
from time import perf_counter
from typing import Any

from .frames import FrameType
from .interrupt import shielded
from .outbox import Outbox
from .own_json import to_json_text

_SECONDS_BETWEEN = 1.0

# Each combination of labels is a series of its own; a label that holds an id makes one for every request. The gateway
# takes 100 names of 100 combinations each and warns of more; this is what a worker remembers at most.
_MOST_SERIES = 10_000

# Observations of one series in one frame; more are sent early.
_MOST_VALUES = 1000

# Compiled when the first one is needed, which most handlers never do.
_NAME = r"[A-Za-z][A-Za-z0-9_]{0,99}"
_LABEL = r"(?!__)[A-Za-z_][A-Za-z0-9_]{0,99}"

# Kind, name and labels.
_Series = tuple[str, str, tuple[tuple[str, str], ...]]


class Metrics:
    """The user's code waits for nobody here, or a `__del__` that counts while garbage is collected would wait for its own
    thread: what is noted while somebody adds up is left to them.
    """

    def __init__(self) -> None:
        self._outbox: Outbox | None = None
        self._kinds: dict[str, str] = {}
        self._help: dict[str, str] = {}
        self._known: set[_Series] = set()
        self._noted: deque[tuple[_Series, float]] = deque()
        self._adding_up = Lock()
        # Changed only by the one who adds up.
        self._gathered: dict[_Series, Any] = {}
        self._next_at = 0.0

    def send_to(self, outbox: Outbox) -> None:
        """What was gathered while the handler loaded goes first."""
        self._outbox = outbox
        self.flush()
        outbox.flush()

    def declare(self, kind: str, name: str, help: str) -> None:
        if not re.fullmatch(_NAME, name):
            raise ValueError(f"{name!r} is no name of a metric: a letter, then up to 99 letters, digits and _")
        with shielded:
            if self._kinds.setdefault(name, kind) != kind:
                raise ValueError(f"{name} is a {self._kinds[name]} already; give the {kind} another name")
            self._help[name] = help or self._help.get(name, "")

    def note(self, kind: str, name: str, value: float, labels: dict[str, object]) -> None:
        # Its texts are made by the user's code.
        series = (kind, name, tuple(sorted((label, str(value)) for label, value in labels.items())))
        is_new = series not in self._known
        if is_new and not self._is_welcome(labels):
            return
        with shielded:
            self._noted.append((series, value))
            if is_new:
                self._known.add(series)
                self._next_at = 0.0
            self._add_up()
            if self._outbox is not None and (self._gathered or self._noted):
                self._outbox.flusher.watch_seldom(self._next_at, self)

    def _is_welcome(self, labels: dict[str, object]) -> bool:
        """One series too many is dropped: metrics never fail a request."""
        for label in labels:
            if not re.fullmatch(_LABEL, label):
                raise ValueError(f"{label!r} is no name of a label: letters, digits and _, neither a digit nor __ first")
        return len(self._known) < _MOST_SERIES

    def send_if_due(self, _now: float) -> bool:
        self.flush()
        return False

    def flush(self) -> None:
        """Puts what was gathered before any answer that is put after."""
        self._add_up(at_once=True)

    def _add_up(self, at_once: bool = False) -> None:
        # The worker itself, whose hurry it is, never comes from within this and may wait.
        while self._adding_up.acquire(at_once):
            try:
                is_full = self._take_noted()
                if self._outbox is not None and (is_full or at_once or perf_counter() >= self._next_at):
                    self._next_at = perf_counter() + _SECONDS_BETWEEN
                    self._put(self._outbox)
            finally:
                self._adding_up.release()
            # Whoever came meanwhile has left theirs here.
            if not self._noted:
                return

    def _take_noted(self) -> bool:
        """Whether one of the series is as long as it may be."""
        is_full = False
        # Those that are there now: the others' go into the next frame.
        for _ in range(len(self._noted)):
            series, value = self._noted.popleft()
            if series[0] == "counter":
                self._gathered[series] = self._gathered.get(series, 0) + value
            else:
                values = self._gathered.setdefault(series, [])
                values.append(value)
                is_full = is_full or len(values) >= _MOST_VALUES
        return is_full

    def _put(self, outbox: Outbox) -> None:
        gathered, self._gathered = self._gathered, {}
        if gathered:
            told = [self._told(series, value) for series, value in gathered.items()]
            outbox.put(FrameType.METRIC, 0, to_json_text(told).encode())

    def forget(self) -> None:
        """In a forked child: it has nobody to tell."""
        self._adding_up = Lock()
        self._outbox = None

    def _told(self, series: _Series, value: Any) -> dict[str, Any]:
        kind, name, labels = series
        member = "values" if kind == "histogram" else "value"
        return {"name": name, "kind": kind, "help": self._help[name], "labels": dict(labels), member: value}


metrics = Metrics()


class Counter:
    def __init__(self, metrics: Metrics, name: str, help: str = "") -> None:
        metrics.declare("counter", name, help)
        self._metrics = metrics
        self.name = name

    def add(self, value: float = 1, **labels: object) -> None:
        if not value >= 0 or math.isinf(value):
            raise ValueError(f"{self.name} is a counter and cannot grow by {value}")
        self._metrics.note("counter", self.name, _plain(value), labels)


class Histogram:
    def __init__(self, metrics: Metrics, name: str, help: str = "") -> None:
        metrics.declare("histogram", name, help)
        self._metrics = metrics
        self.name = name

    def observe(self, value: float, **labels: object) -> None:
        if not math.isfinite(value):
            raise ValueError(f"{self.name} cannot observe {value}")
        self._metrics.note("histogram", self.name, _plain(value), labels)


def _plain(value: float) -> float:
    """Numbers of numpy are none to the json module."""
    return value if type(value) is int else float(value)
