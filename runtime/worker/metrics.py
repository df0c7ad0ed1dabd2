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

# Each combination of labels is a series of its own; a label that holds an id would make one for every request.
_MOST_SERIES = 100

# Observations of one series in one frame; more are sent early.
_MOST_VALUES = 1000

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")

# Kind, name and labels.
_Series = tuple[str, str, tuple[tuple[str, str], ...]]


class Metrics:
    def __init__(self) -> None:
        self._outbox: Outbox | None = None
        self._lock = threading.Lock()
        self._kinds: dict[str, str] = {}
        self._known: set[_Series] = set()
        self._gathered: dict[_Series, Any] = {}
        self._next_at = 0.0

    def send_to(self, outbox: Outbox) -> None:
        """What was gathered while the handler loaded goes first."""
        self._outbox = outbox
        self.flush()
        outbox.flush()

    def declare(self, kind: str, name: str) -> None:
        _check_name(name)
        with shielded, self._lock:
            if self._kinds.setdefault(name, kind) != kind:
                raise ValueError(f"{name} is a {self._kinds[name]} already; give the {kind} another name")

    def add(self, name: str, value: float, labels: dict[str, object]) -> None:
        with shielded, self._lock:
            series, is_new = self._series("counter", name, labels)
            self._gathered[series] = self._gathered.get(series, 0) + value
        self._send_soon(is_new)

    def observe(self, name: str, value: float, labels: dict[str, object]) -> None:
        with shielded, self._lock:
            series, is_new = self._series("histogram", name, labels)
            values = self._gathered.setdefault(series, [])
            values.append(value)
            is_full = len(values) >= _MOST_VALUES
        self._send_soon(is_new or is_full)

    def _series(self, kind: str, name: str, labels: dict[str, object]) -> tuple[_Series, bool]:
        series = (kind, name, tuple(sorted((label, str(value)) for label, value in labels.items())))
        if series in self._known:
            return series, False
        for label in labels:
            _check_name(label)
        if len(self._known) >= _MOST_SERIES:
            raise ValueError(
                f"{name} with these labels would be series {_MOST_SERIES + 1} of this handler's metrics, and "
                f"{_MOST_SERIES} are allowed: use labels with few values, never ids"
            )
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
            told = [_told(series, value) for series, value in gathered.items()]
            self._outbox.put(FrameType.METRIC, 0, to_json_text(told).encode())

    def forget(self) -> None:
        """In a forked child: it has nobody to tell."""
        self._lock = threading.Lock()
        self._outbox = None


def _told(series: _Series, value: Any) -> dict[str, Any]:
    kind, name, labels = series
    member = "values" if kind == "histogram" else "value"
    return {"name": name, "kind": kind, "labels": dict(labels), member: value}


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a metric or label: letters, digits and _ only, no digit first")


metrics = Metrics()


class Counter:
    def __init__(self, metrics: Metrics, name: str, help: str = "") -> None:
        metrics.declare("counter", name)
        self._metrics = metrics
        self.name = name
        self.help = help

    def add(self, value: float = 1, **labels: object) -> None:
        if not value >= 0 or math.isinf(value):
            raise ValueError(f"{self.name} is a counter and cannot grow by {value}")
        self._metrics.add(self.name, _plain(value), labels)


class Histogram:
    def __init__(self, metrics: Metrics, name: str, help: str = "") -> None:
        metrics.declare("histogram", name)
        self._metrics = metrics
        self.name = name
        self.help = help

    def observe(self, value: float, **labels: object) -> None:
        if not math.isfinite(value):
            raise ValueError(f"{self.name} cannot observe {value}")
        self._metrics.observe(self.name, _plain(value), labels)


def _plain(value: float) -> float:
    """Numbers of numpy are none to the json module."""
    return value if type(value) is int else float(value)
