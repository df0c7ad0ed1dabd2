"""What every peer computes, so that only the serving differs: one class a work, each with rows() over many inputs.

Costs are counted in CPU time of the thread and not in wall time: a busy machine must not make the work smaller.
"""

import os
import time
from collections.abc import Sequence
from typing import Any

WORK = os.environ.get("BENCH_WORK", "trivial")
PORT = int(os.environ.get("BENCH_PORT", "8080"))
BATCHING = os.environ.get("BENCH_BATCHING") == "on"
MAX_BATCH = 64
TOKENS = 200
SLEEP_SECONDS = 0.010


def spin(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


class Trivial:
    def rows(self, rows: Sequence[Sequence[float]]) -> list[dict[str, Any]]:
        return [{"label": self.label(row)} for row in rows]

    def label(self, row: Sequence[float]) -> str:
        if row[2] < 2.5:
            return "setosa"
        return "versicolor" if row[3] < 1.75 else "virginica"


class Total:
    def rows(self, rows: Sequence[Sequence[float]]) -> list[dict[str, Any]]:
        return [{"total": sum(row)} for row in rows]


class Logistic:
    def __init__(self) -> None:
        from sklearn.datasets import load_iris
        from sklearn.linear_model import LogisticRegression

        iris = load_iris()
        self.names = [str(name) for name in iris.target_names]
        self.model = LogisticRegression(max_iter=500).fit(iris.data, iris.target)

    def rows(self, rows: Sequence[Sequence[float]]) -> list[dict[str, Any]]:
        return [{"label": self.names[index]} for index in self.model.predict(rows)]


class Batchable:
    """As an accelerator: most of a call's cost does not grow with its rows."""

    def rows(self, rows: Sequence[Sequence[float]]) -> list[dict[str, Any]]:
        spin(0.005 + 0.0001 * len(rows))
        return [{"total": sum(row)} for row in rows]


class Mlp:
    def __init__(self) -> None:
        import numpy

        self.numpy = numpy
        random = numpy.random.default_rng(7)
        self.first = random.standard_normal((784, 128), dtype=numpy.float32) / 28
        self.second = random.standard_normal((128, 10), dtype=numpy.float32) / 11

    def rows(self, rows: Sequence[Sequence[float]]) -> list[dict[str, Any]]:
        pixels = self.numpy.asarray(rows, self.numpy.float32)
        scores = self.numpy.maximum(pixels @ self.first, 0) @ self.second
        return [{"label": f"digit {index}"} for index in scores.argmax(axis=1)]


class Spin:
    def rows(self, rows: Sequence[Sequence[float]]) -> list[dict[str, Any]]:
        for _ in rows:
            spin(0.010)
        return [{"label": "spun"} for _ in rows]


class Sleep:
    """For peers that have nothing better than a thread to wait in."""

    def rows(self, rows: Sequence[Sequence[float]]) -> list[dict[str, Any]]:
        time.sleep(SLEEP_SECONDS)
        return [{"label": "slept"} for _ in rows]


class Binary:
    def total(self, body: bytes) -> dict[str, Any]:
        import numpy

        return {"total": float(numpy.frombuffer(body, numpy.float32).sum())}


LOADED = {
    "trivial": Trivial,
    "json100k": Total,
    "sklearn": Logistic,
    "batchable": Batchable,
    "mlp": Mlp,
    "cpu": Spin,
    "sleep": Sleep,
    "binary": Binary,
}


def load() -> Any:
    return LOADED[WORK]() if WORK in LOADED else None


def tokens():
    """Text alone: how it is framed is the peer's."""
    for index in range(TOKENS):
        yield f"tok {index}"
