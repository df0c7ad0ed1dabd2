"""A call costs 5 ms and each of its rows 0.1 ms more, in CPU time: as an accelerator, which one call has to itself."""

import time


def predict_batch(features: list[list[float]]) -> list[dict[str, float]]:
    end = time.thread_time() + 0.005 + 0.0001 * len(features)
    while time.thread_time() < end:
        pass
    return [{"total": sum(row)} for row in features]
