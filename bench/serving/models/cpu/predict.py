"""Keeps a processor busy for 10 ms of its time."""

import time


def predict(features: list[float]) -> dict[str, str]:
    end = time.thread_time() + 0.010
    while time.thread_time() < end:
        pass
    return {"label": "spun"}
