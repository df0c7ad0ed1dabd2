"""The handler's own counters and histograms, gathered here and sent as one METRIC frame a second at most.

A name that is new is sent at once, so that what a request counted first can be read when its answer is there.
"""

import math
import re
import threading
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

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_LABEL = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]{0,99}")

# Kind, name and labels.
_Series = tuple[str, str, tuple[tuple[str, str], ...]]


class Metrics:
    def __init__(self) -> None:
        self._outbox: Outbox | None = None
        self._lock = threading.Lock()
        self._kinds: dict[str, str] = {}
        self._help: dict[str, str] = {}
        self._known: set[_Series] = set()
        self._gathered: dict[_Series, Any] = {}
        self._next_at = 0.0

    def send_to(self, outbox: Outbox) -> None:
        """What was gathered while the handler loaded goes first."""
        self._outbox = outbox
        self.flush()
        outbox.flush()

    def declare(self, kind: str, name: str, help: str) -> None:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a metric: a letter, then up to 99 letters, digits and _")
        with shielded, self._lock:
            if self._kinds.setdefault(name, kind) != kind:
                raise ValueError(f"{name} is a {self._kinds[name]} already; give the {kind} another name")
            self._help[name] = help or self._help.get(name, "")

    def add(self, name: str, value: float, labels: dict[str, object]) -> None:
        with shielded, self._lock:
            series, is_new = self._series("counter", name, labels)
            if series:
                self._gathered[series] = self._gathered.get(series, 0) + value
        self._send_soon(is_new)

    def observe(self, name: str, value: float, labels: dict[str, object]) -> None:
        with shielded, self._lock:
            series, is_new = self._series("histogram", name, labels)
            values = self._gathered.setdefault(series, []) if series else []
            values.append(value)
            is_full = len(values) >= _MOST_VALUES
        self._send_soon(is_new or is_full)

    def _series(self, kind: str, name: str, labels: dict[str, object]) -> tuple[_Series | None, bool]:
        """None of one too many, which is dropped: metrics never fail a request."""
        series = (kind, name, tuple(sorted((label, str(value)) for label, value in labels.items())))
        if series in self._known:
            return series, False
        for label in labels:
            if not _LABEL.fullmatch(label):
                raise ValueError(f"{label!r} is no name of a label: letters, digits and _, neither a digit nor __ first")
        if len(self._known) >= _MOST_SERIES:
            return None, False
        self._known.add(series)
        return series, True

    def _send_soon(self, at_once: bool) -> None:
        if self._outbox is None:
            return
        now = perf_counter()
        with shielded:
            if at_once or now >= self._next_at:
                self.flush()
            else:
                self._outbox.flusher.watch_seldom(self._next_at, self)

    def send_if_due(self, _now: float) -> bool:
        self.flush()
        return False

    def flush(self) -> None:
        """Puts what was gathered before any answer that is put after."""
        with shielded, self._lock:
            gathered, self._gathered = self._gathered, {}
            self._next_at = perf_counter() + _SECONDS_BETWEEN
        if gathered and self._outbox is not None:
            told = [self._told(series, value) for series, value in gathered.items()]
            self._outbox.put(FrameType.METRIC, 0, to_json_text(told).encode())

    def forget(self) -> None:
        """In a forked child: it has nobody to tell."""
        self._lock = threading.Lock()
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
        self._metrics.add(self.name, _plain(value), labels)


class Histogram:
    def __init__(self, metrics: Metrics, name: str, help: str = "") -> None:
        metrics.declare("histogram", name, help)
        self._metrics = metrics
        self.name = name

    def observe(self, value: float, **labels: object) -> None:
        if not math.isfinite(value):
            raise ValueError(f"{self.name} cannot observe {value}")
        self._metrics.observe(self.name, _plain(value), labels)


def _plain(value: float) -> float:
    """Numbers of numpy are none to the json module."""
    return value if type(value) is int else float(value)
